// By index, not by DataView: asking a small array for its buffer costs ten times the reading.

/** No octets. */
export const NO_OCTETS: Uint8Array = new Uint8Array(0);

/** The big-endian number in two octets; one beyond the end counts as zero. */
export function read16(octets: Uint8Array, offset: number): number {
  return ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);
}

/** The big-endian number in four octets; those beyond the end count as zero. */
export function read32(octets: Uint8Array, offset: number): number {
  return read16(octets, offset) * 0x1_0000 + read16(octets, offset + 2);
}

/** Octets in a row that grow as they are written, big-endian. */
export class OctetWriter {
  #octets: Uint8Array = new Uint8Array(64);
  #length = 0;

  /** How many were written. */
  get length(): number {
    return this.#length;
  }

  /** Writes one octet. @throws {RangeError} when the value does not fit, naming the field. */
  put8(field: string, value: number): void {
    checkFits(field, value, 0xff);
    const at = this.#room(1);
    this.#octets[at] = value;
  }

  /** Writes two octets. @throws {RangeError} when the value does not fit, naming the field. */
  put16(field: string, value: number): void {
    checkFits(field, value, 0xffff);
    const at = this.#room(2);
    this.#octets[at] = value >>> 8;
    this.#octets[at + 1] = value;
  }

  /** Writes four octets. @throws {RangeError} when the value does not fit, naming the field. */
  put32(field: string, value: number): void {
    checkFits(field, value, 0xffff_ffff);
    const at = this.#room(4);
    this.#octets[at] = value >>> 24;
    this.#octets[at + 1] = value >>> 16;
    this.#octets[at + 2] = value >>> 8;
    this.#octets[at + 3] = value;
  }

  /** Writes octets as they are. */
  putOctets(octets: Uint8Array): void {
    const at = this.#room(octets.length);
    this.#octets.set(octets, at);
  }

  /** What was written, in a fresh array. */
  toOctets(): Uint8Array {
    return this.#octets.slice(0, this.#length);
  }

  /** Makes room for some octets and tells where they begin. */
  #room(lengthBytes: number): number {
    const start = this.#length;
    this.#length += lengthBytes;
    if (this.#length > this.#octets.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#octets);
      this.#octets = larger;
    }
    return start;
  }
}

/** @throws {RangeError} unless the value is a whole number from 0 to `most`; names both. */
export function checkFits(field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`${field} must be a whole number from 0 to ${most}, got ${value}`);
}
