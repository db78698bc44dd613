/** Reads numbers and addresses one after the other, big-endian. */
export class OctetReader {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** How many are left. */
  get left(): number {
    return this.#octets.length - this.#at;
  }

  /** A number of so many octets, 4 at most. @throws {RangeError} when there are fewer. */
  number(lengthBytes: number): number {
    return this.octets(lengthBytes).reduce((value, octet) => value * 0x100 + octet, 0);
  }

  /** The next octets, lent. @throws {RangeError} when there are fewer. */
  octets(lengthBytes: number): Uint8Array {
    if (lengthBytes > this.left) {
      throw new RangeError(`${lengthBytes} octets are needed, got ${this.left}`);
    }
    this.#at += lengthBytes;
    return this.#octets.subarray(this.#at - lengthBytes, this.#at);
  }

  /** An IPv4 address in text, or an IPv6 address in eight groups. @throws {RangeError} at the end. */
  address(lengthBytes: 4 | 16): string {
    if (lengthBytes === 4) return this.octets(4).join(".");
    return Array.from({ length: 8 }, () => this.number(2).toString(16)).join(":");
  }
}
