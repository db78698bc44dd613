/**
 * Finds the second copies of datagrams that were sent over both families at once. What comes twice
 * over the same family is none of its business: that is a replay, which the protocol wants to see.
 */
export class HelloTwins {
  /** The family of those whose twin did not come yet, the oldest first. */
  readonly #single = new Map<string, 4 | 6>();

  /** Whether the same octets came over the other family just before. */
  isTwin(bytes: Uint8Array, family: 4 | 6): boolean {
    const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const known = this.#single.get(octets);
    this.#single.delete(octets);
    if (known !== undefined && known !== family) return true;
    this.#single.set(octets, family);
    if (this.#single.size > MOST) this.#forgetOldest();
    return false;
  }

  #forgetOldest(): void {
    for (const octets of this.#single.keys()) {
      this.#single.delete(octets);
      return;
    }
  }
}

/** Twins come within a millisecond; these are the datagrams of tens of them, even under a flood. */
const MOST = 256;
