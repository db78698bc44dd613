import { seededRandom } from "./random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** How a wire treats each copy of a frame on its way to one receiver. Everything defaults to 0. */
export interface WireOptions {
  /** On the way; a frame never arrives within the call that sent it, not even when this is 0. */
  readonly delayMs?: number;
  /** Share of the copies that are lost, 0 to 1. */
  readonly loss?: number;
  /** Share of the copies that arrive twice, 0 to 1. */
  readonly duplication?: number;
  /** Share of the copies that are held back by up to `reorderingMs`, so that later ones overtake. */
  readonly reordering?: number;
  /** How long a copy is held back at most; defaults to 10. */
  readonly reorderingMs?: number;
  /** The same seed misbehaves in the same way; defaults to 1. */
  readonly seed?: number;
}

/** One end of a {@link Wire}; has the form of the sockets that the protocol packages ask for. */
export interface WirePort {
  /** Called with each frame that arrives. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  /** Sends to every other port; on a cut or closed port the frame is lost, as with a pulled cable. */
  send(frame: Uint8Array): void;
  /** Pulls the cable: nothing goes out or comes in any more, what is on its way here included. */
  cut(): void;
  /** Plugs the cable back in. */
  heal(): void;
  /** Leaves the wire for good. */
  close(): void;
}

/**
 * A broadcast segment in memory, driven by virtual time: what one port sends, every other port
 * receives. Loss, duplication and reordering strike each receiver on its own, as on a real segment.
 */
export class Wire {
  readonly #clock: VirtualClock;
  readonly #options: Required<Omit<WireOptions, "seed">>;
  readonly #random: () => number;
  readonly #ports = new Set<Port>();

  /** @throws {RangeError} when an option is out of its range; the message names it and its value. */
  constructor(clock: VirtualClock, options: WireOptions = {}) {
    const { seed = 1, ...rest } = options;
    this.#clock = clock;
    this.#options = {
      delayMs: 0,
      loss: 0,
      duplication: 0,
      reordering: 0,
      reorderingMs: 10,
      ...rest,
    };
    this.#random = seededRandom(seed);
    for (const option of ["loss", "duplication", "reordering"] as const) {
      check(option, this.#options[option], 1, "between 0 and 1");
    }
    for (const option of ["delayMs", "reorderingMs"] as const) {
      check(option, this.#options[option], Number.MAX_VALUE, "finite and not negative");
    }
  }

  /** A new port. It misses what was sent before. */
  attach(): WirePort {
    const port: Port = new Port({
      broadcast: (frame) => this.#broadcast(port, frame),
      detach: () => this.#ports.delete(port),
    });
    this.#ports.add(port);
    return port;
  }

  #broadcast(from: Port, frame: Uint8Array): void {
    for (const to of this.#ports) {
      if (to === from || this.#strikes("loss")) continue;
      this.#carry(to, frame);
      if (this.#strikes("duplication")) this.#carry(to, frame);
    }
  }

  #carry(to: Port, frame: Uint8Array): void {
    const held = this.#strikes("reordering") ? this.#random() * this.#options.reorderingMs : 0;
    // Each receiver gets octets of its own: the sender may reuse its buffer, a receiver may scribble.
    const copy = frame.slice();
    this.#clock.setTimer(this.#options.delayMs + held, () => to.deliver(copy));
  }

  #strikes(mishap: "loss" | "duplication" | "reordering"): boolean {
    // A mishap that is off draws no number, so that switching one on leaves the others as they were.
    return this.#options[mishap] > 0 && this.#random() < this.#options[mishap];
  }
}

class Port implements WirePort {
  onFrame: ((frame: Uint8Array) => void) | undefined;
  readonly #wire: { readonly broadcast: (frame: Uint8Array) => void; readonly detach: () => void };
  #connected = true;
  #closed = false;

  constructor(wire: { broadcast: (frame: Uint8Array) => void; detach: () => void }) {
    this.#wire = wire;
  }

  send(frame: Uint8Array): void {
    if (this.#connected) this.#wire.broadcast(frame);
  }

  deliver(frame: Uint8Array): void {
    if (this.#connected) this.onFrame?.(frame);
  }

  cut(): void {
    this.#connected = false;
  }

  heal(): void {
    this.#connected = !this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#connected = false;
    this.#wire.detach();
  }
}

function check(option: string, value: number, most: number, range: string): void {
  if (!(value >= 0 && value <= most)) {
    throw new RangeError(`${option} must be ${range}, got ${value}`);
  }
}
