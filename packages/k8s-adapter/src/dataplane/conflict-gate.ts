import type { ConflictSighting } from "./messages.ts";

/**
 * Lets the sightings of a conflict through that are worth telling: the first of an address, one that
 * differs from the last, and otherwise one in ten seconds. However fast others change their mind, no
 * address is told of more than once a second.
 */
export class ConflictGate {
  readonly #told = new Map<string, Told>();

  /** Whether to tell this one; it counts as told then. */
  admits(sighting: ConflictSighting, now: number): boolean {
    const { address, interface: name, mac, kept } = sighting;
    const what = `${name} ${mac} ${kept}`;
    const last = this.#told.get(address);
    if (last !== undefined) {
      const pauseMs = last.what === what ? SAME_MS : DIFFERENT_MS;
      if (now < last.at + pauseMs) return false;
    }
    this.#told.set(address, { what, at: now });
    return true;
  }

  /** Forgets all addresses but these. */
  retain(addresses: ReadonlySet<string>): void {
    for (const address of this.#told.keys()) {
      if (!addresses.has(address)) this.#told.delete(address);
    }
  }
}

interface Told {
  readonly what: string;
  readonly at: number;
}

const SAME_MS = 10_000;
const DIFFERENT_MS = 1_000;
