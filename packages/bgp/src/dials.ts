import type { BgpConnection, DialResult } from "./transport.ts";

/** What is done when a dial is over. */
export interface DialOutcome {
  connected(connection: number, made: BgpConnection): void;
  failed(connection: number, detail: string): void;
}

/** The dials of a peer that are under way, by the number of the connection that each is to be. */
export class Dials {
  readonly #dial: ((result: DialResult) => () => void) | undefined;
  readonly #outcome: DialOutcome;
  readonly #cancels = new Map<number, () => void>();
  #hasDialled = false;

  /** @param dial Starts to connect; undefined for a peer that is never dialled. */
  constructor(dial: ((result: DialResult) => () => void) | undefined, outcome: DialOutcome) {
    this.#dial = dial;
    this.#outcome = outcome;
  }

  /** How many are under way. */
  get size(): number {
    return this.#cancels.size;
  }

  /** @throws what the transport has against the options, the first time: later the world has changed. */
  start(connection: number): void {
    let isOver = false;
    const over = (): void => {
      isOver = true;
      this.#cancels.delete(connection);
    };
    const result: DialResult = {
      connected: (made) => {
        over();
        this.#outcome.connected(connection, made);
      },
      failed: (detail) => {
        over();
        this.#outcome.failed(connection, detail);
      },
    };
    try {
      const cancel = this.#dial?.(result);
      if (cancel !== undefined && !isOver) this.#cancels.set(connection, cancel);
    } catch (error) {
      if (!this.#hasDialled) throw error;
      result.failed(error instanceof Error ? error.message : String(error));
    }
    this.#hasDialled = true;
  }

  cancel(connection: number): void {
    this.#cancels.get(connection)?.();
    this.#cancels.delete(connection);
  }
}
