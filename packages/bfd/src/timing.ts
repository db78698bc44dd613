/** The two intervals that an end advertises, in microseconds as on the wire. */
export interface Intervals {
  /** bfd.DesiredMinTxInterval */
  readonly desiredMinTxUs: number;
  /** bfd.RequiredMinRxInterval */
  readonly requiredMinRxUs: number;
}

/**
 * Changes an end's intervals so that neither end ever waits for too short: while up, a slower rate
 * of sending and a shorter patience take effect only once the neighbour has confirmed, by the Final
 * bit, that it knows; the opposite directions take effect at once.
 *
 * @see RFC 5880 sections 6.5 and 6.8.3
 */
export class Timing {
  #wanted: Intervals;
  #advertised: Intervals;
  #effective: Intervals;
  #isPolling = false;

  constructor(initial: Intervals) {
    this.#wanted = initial;
    this.#advertised = initial;
    this.#effective = initial;
  }

  /** What packets say. */
  get advertised(): Intervals {
    return this.#advertised;
  }

  /** What sending and detection go by. */
  get effective(): Intervals {
    return this.#effective;
  }

  /** Whether packets ask for confirmation, by the Poll bit. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** Changes the intervals, or plans to when a poll is under way, as one answers one change. */
  want(intervals: Intervals, isUp: boolean): void {
    this.#wanted = intervals;
    if (!(isUp && this.#isPolling)) this.#advertise(isUp);
  }

  /** The neighbour has confirmed. Does nothing unless it was asked. */
  confirm(isUp: boolean): void {
    if (!this.#isPolling) return;
    this.abandonPoll();
    this.#advertise(isUp);
  }

  /** Stops asking: the state has changed, or there is nobody to ask. */
  abandonPoll(): void {
    this.#isPolling = false;
    this.#effective = this.#advertised;
  }

  #advertise(isUp: boolean): void {
    const { desiredMinTxUs, requiredMinRxUs } = this.#wanted;
    const before = this.#advertised;
    if (desiredMinTxUs === before.desiredMinTxUs && requiredMinRxUs === before.requiredMinRxUs) {
      return;
    }
    const effective = this.#effective;
    this.#advertised = this.#wanted;
    this.#isPolling = true;
    this.#effective = isUp
      ? {
          desiredMinTxUs: Math.min(effective.desiredMinTxUs, desiredMinTxUs),
          requiredMinRxUs: Math.max(effective.requiredMinRxUs, requiredMinRxUs),
        }
      : this.#wanted;
  }
}
