import { ChurnMap } from "./churn-map.ts";

/**
 * Gives each port in use a bit, so that sets of ports are bigints and compare in a few
 * instructions. A bit is given anew once nobody uses its port, which keeps the numbers short.
 */
export class PortBits {
  readonly #bits = new ChurnMap<PortBit>();
  readonly #spare: bigint[] = [];

  /** The set of those ports that somebody uses. */
  of(ports: readonly string[]): bigint {
    let set = 0n;
    for (const port of ports) set |= this.#bits.get(port)?.bit ?? 0n;
    return set;
  }

  /** Counts one user more of each port, and returns the set of all. */
  take(ports: readonly string[]): bigint {
    for (const port of ports) {
      const known = this.#bits.get(port);
      if (known === undefined) this.#bits.set(port, { bit: this.#spareBit(), users: 1 });
      else known.users += 1;
    }
    return this.of(ports);
  }

  /** Counts one user less of each port, and returns the set of all. */
  give(ports: readonly string[]): bigint {
    const set = this.of(ports);
    for (const port of ports) {
      const known = this.#bits.get(port);
      if (known === undefined) continue;
      known.users -= 1;
      if (known.users > 0) continue;
      this.#bits.delete(port);
      this.#spare.push(known.bit);
    }
    return set;
  }

  #spareBit(): bigint {
    return this.#spare.pop() ?? 1n << BigInt(this.#bits.size);
  }
}

interface PortBit {
  readonly bit: bigint;
  users: number;
}
