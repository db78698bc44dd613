import type { Clock } from "./socket.ts";

/** A machine as a {@link Pump} runs it. */
export interface Machine<Input, Output> {
  readonly deadline: number;
  handle(input: Input, now: number): readonly Output[];
}

/**
 * Runs a machine on a clock: hands it one input after the other, wakes it at its deadline, and gives
 * what it wants done to its shell. Inputs queue up, so that a listener or socket that calls back in
 * does not re-enter.
 */
export class Pump<Input, Output> {
  readonly #clock: Clock;
  readonly #machine: Machine<Input, Output>;
  readonly #tick: Input;
  readonly #carryOut: (outputs: readonly Output[], input: Input) => void;
  readonly #queue: Input[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #draining = false;
  #closed = false;

  /** @param tick what wakes the machine. */
  constructor(
    clock: Clock,
    machine: Machine<Input, Output>,
    tick: Input,
    carryOut: (outputs: readonly Output[], input: Input) => void,
  ) {
    this.#clock = clock;
    this.#machine = machine;
    this.#tick = tick;
    this.#carryOut = carryOut;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What an input leads to is done when this returns, unless it was called by what is being done. */
  handle(input: Input): void {
    if (this.#closed) return;
    this.#queue.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#carryOut(this.#machine.handle(next, this.#clock.now()), next);
      }
    } finally {
      this.#draining = false;
      this.#arm();
    }
  }

  /** From now on nothing happens; false when that was so already. */
  close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#queue.length = 0;
    this.#cancelTimer();
    return true;
  }

  /** Most packets leave the deadline alone, and never touch the timer. */
  #arm(): void {
    const { deadline } = this.#machine;
    if (this.#closed || deadline === this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, deadline - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.handle(this.#tick);
    });
  }
}
