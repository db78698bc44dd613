import { TransmitSchedule } from "./transmit-schedule.ts";

/** How a session's echo packets differ from all others. */
export interface EchoIdentity {
  readonly discriminator: number;
  /** 32 random bits, so that nobody else can answer. */
  readonly token: number;
}

/**
 * Sends echo packets as long as they may be sent, and finds the path broken when none of those that
 * a detection time holds came back.
 *
 * A payload is three numbers of 32 bits: the discriminator, the token and a sequence number. It is
 * nobody else's business: the neighbour forwards it unread.
 *
 * @see RFC 5880 section 6.8.8 and 6.8.9
 */
export class EchoFunction {
  readonly #identity: EchoIdentity;
  readonly #schedule: TransmitSchedule;
  readonly #ownIntervalMs: number;
  #intervalMs = 0;
  #sequence = 0;
  #returned = 0;
  /** When one came back last, or the sending began; undefined while nothing is sent. */
  #aliveAt: number | undefined;

  constructor(identity: EchoIdentity, intervalMs: number, random: () => number) {
    this.#identity = identity;
    this.#ownIntervalMs = intervalMs;
    this.#schedule = new TransmitSchedule(random);
  }

  get isActive(): boolean {
    return this.#aliveAt !== undefined;
  }

  /** When the next packet is due; infinite while nothing is sent. */
  get sendAt(): number {
    return this.#schedule.deadline;
  }

  /** When the path is given up unless one comes back; infinite while nothing is sent. */
  failAt(detectMultiplier: number): number {
    if (this.#aliveAt === undefined) return Number.POSITIVE_INFINITY;
    return this.#aliveAt + this.#intervalMs * detectMultiplier;
  }

  /** Starts sending, or goes on at another rate: `neighborMinRxUs` is what the neighbour can take. */
  run(now: number, neighborMinRxUs: number, detectMultiplier: number): void {
    this.#intervalMs = Math.max(this.#ownIntervalMs, neighborMinRxUs / 1_000);
    if (this.isActive) {
      this.#schedule.ensure(now, this.#intervalMs, detectMultiplier);
      return;
    }
    this.#aliveAt = now;
    this.#schedule.start(now);
  }

  stop(): void {
    this.#aliveAt = undefined;
    this.#returned = this.#sequence;
    this.#schedule.stop();
  }

  /** The payload of the next packet, which is due. */
  next(now: number, detectMultiplier: number): Uint8Array {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#schedule.advance(now, this.#intervalMs, detectMultiplier);
    return encodeEcho(this.#identity, this.#sequence);
  }

  /** Notes a packet that came back; one that is old, or seen before, is no sign of life. */
  returned(payload: Uint8Array, now: number): void {
    if (this.#aliveAt === undefined || !isEchoOf(this.#identity, payload)) return;
    const sequence = read32(payload, 8);
    const ahead = (sequence - this.#returned) >>> 0;
    const outstanding = (this.#sequence - this.#returned) >>> 0;
    if (ahead === 0 || ahead > outstanding) return;
    this.#returned = sequence;
    this.#aliveAt = now;
  }
}

/** Whether a payload from the echo port is of this sender. */
export function isEchoOf({ discriminator, token }: EchoIdentity, payload: Uint8Array): boolean {
  if (payload.length < ECHO_BYTES) return false;
  return read32(payload, 0) === discriminator && read32(payload, 4) === token;
}

const ECHO_BYTES = 12;

function encodeEcho({ discriminator, token }: EchoIdentity, sequence: number): Uint8Array {
  const payload = new Uint8Array(ECHO_BYTES);
  for (const [i, value] of [discriminator, token, sequence].entries()) {
    for (let octet = 0; octet < 4; octet++) payload[4 * i + octet] = value >>> (24 - 8 * octet);
  }
  return payload;
}

function read32(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
  const low = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
  return high * 0x1_0000 + low;
}
