import type { VirtualClock } from "@ingot/testkit";

/** One host's end of a {@link Lan}. */
export interface LanPort {
  readonly name: string;
  readonly onDatagram: (from: string, bytes: Uint8Array) => void;
}

/** A segment that loses, delays, reorders and doubles datagrams, and can be cut in one direction. */
export class Lan {
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #ports = new Map<string, LanPort>();
  readonly #cuts = new Set<string>();
  /** Share of the copies that are lost. */
  loss = 0;
  /** Share of the copies that are held back for up to 10 ms, and of those that come twice. */
  disorder = 0;

  constructor(clock: VirtualClock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get isWhole(): boolean {
    return this.#cuts.size === 0;
  }

  attach(port: LanPort): void {
    this.#ports.set(port.name, port);
  }

  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  /** To one host, or to all others. */
  send(from: string, to: string | undefined, bytes: Uint8Array): void {
    for (const port of this.#ports.values()) {
      if (port.name === from || (to !== undefined && to !== port.name)) continue;
      if (this.isCut(from, port.name) || this.#random() < this.loss) continue;
      this.#carry(from, port, bytes);
      if (this.disorder > 0 && this.#random() < this.disorder) this.#carry(from, port, bytes);
    }
  }

  #carry(from: string, to: LanPort, bytes: Uint8Array): void {
    const held = this.disorder > 0 && this.#random() < this.disorder ? 10 * this.#random() : 0;
    const delay = 0.1 + 1.9 * this.#random() + held;
    this.#clock.setTimer(delay, () => {
      if (!this.isCut(from, to.name)) to.onDatagram(from, bytes);
    });
  }
}
