/**
 * Datagrams that were taken in a moment ago. Where two interfaces are on one network, each hello comes
 * by both, and says on both that its sender is there; without this the second copy would be a replay,
 * and whichever interface is read later would seem dead.
 */
export class Copies {
  readonly #taken = new Map<string, Taken>();
  readonly #interfaces = new Set<string>();

  /** Whether the same octets came by another interface just before; counts once for each interface. */
  isCopy(bytes: Uint8Array, interfaceName: string, now: number): boolean {
    this.#interfaces.add(interfaceName);
    const taken = this.#taken.get(keyOf(bytes));
    if (taken === undefined || now - taken.at > WITHIN_MS) return false;
    if (taken.interfaces.has(interfaceName) || !isSame(taken.bytes, bytes)) return false;
    taken.interfaces.add(interfaceName);
    return true;
  }

  /** A genuine datagram was taken in; its octets are kept for a moment. */
  keep(bytes: Uint8Array, interfaceName: string, now: number): void {
    // With one interface there are no copies.
    if (this.#interfaces.size < 2) return;
    this.#taken.set(keyOf(bytes), { bytes, at: now, interfaces: new Set([interfaceName]) });
    for (const [key, { at }] of this.#taken) {
      if (this.#taken.size <= MOST && now - at <= WITHIN_MS) return;
      this.#taken.delete(key);
    }
  }
}

interface Taken {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly interfaces: Set<string>;
}

/** The seal, by which no two datagrams are alike. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(Math.max(0, bytes.length - 16)));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, i) => octet === other[i]);
}

/** A recording that is older is a replay, wherever it comes. */
const WITHIN_MS = 50;
const MOST = 256;
