import { Afi } from "./constants.ts";
import type { Nlri } from "./nlri.ts";
import { read32 } from "./octets.ts";

/**
 * Which prefixes of one family a peer has announced, so that announcing one twice counts once. Costs
 * memory for as many as are allowed and no more.
 */
export class PrefixCensus {
  readonly #most: number;
  readonly #present = new Set<number | string>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#present.size;
  }

  /** False once there are more than are allowed. */
  add(nlri: Nlri): boolean {
    nlri.forEach((lengthBits, offset, pathId) => {
      if (this.#present.size > this.#most) return;
      this.#present.add(keyOf(nlri, lengthBits, offset, pathId));
    });
    return this.#present.size <= this.#most;
  }

  remove(nlri: Nlri): void {
    nlri.forEach((lengthBits, offset, pathId) => {
      this.#present.delete(keyOf(nlri, lengthBits, offset, pathId));
    });
  }
}

/** IPv4 prefixes without path identifiers fit a number, which is cheaper; bits after the length are cut. */
function keyOf(nlri: Nlri, lengthBits: number, offset: number, pathId: number): number | string {
  const { octets, family } = nlri;
  if (family.afi === Afi.ipv4 && pathId === 0) {
    const address = lengthBits === 0 ? 0 : (read32(octets, offset) >>> (32 - lengthBits)) >>> 0;
    return address * 64 + lengthBits;
  }
  const lengthBytes = (lengthBits + 7) >>> 3;
  const spare = lengthBits & 7;
  let key = `${pathId}/${lengthBits}:`;
  for (let i = 0; i < lengthBytes; i++) {
    const isLast = i === lengthBytes - 1;
    const octet = octets[offset + i] ?? 0;
    key += String.fromCharCode(isLast && spare > 0 ? octet & (0xff00 >> spare) : octet);
  }
  return key;
}
