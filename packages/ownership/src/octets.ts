import { HelloDecodeError } from "./decode-error.ts";

/** The octets of ASCII text. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Reads one number or name after the other, and never past the end. */
export class OctetReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get offset(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** @throws {HelloDecodeError} as all of these, when fewer octets are left. */
  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  /** The next octets, not copied. */
  take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** ASCII text after its length; what is not ASCII gives characters that no node's name has. */
  name(): string {
    return String.fromCharCode(...this.take(this.uint8()));
  }

  #skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new HelloDecodeError("item is cut off", start);
    this.#at = start + length;
    return start;
  }
}

/** Collects numbers and names. */
export class OctetWriter {
  readonly #octets: number[] = [];

  get length(): number {
    return this.#octets.length;
  }

  uint8(value: number): this {
    this.#octets.push(value & 0xff);
    return this;
  }

  uint16(value: number): this {
    return this.uint8(value >>> 8).uint8(value);
  }

  uint32(value: number): this {
    return this.uint16(value >>> 16).uint16(value);
  }

  octets(bytes: Iterable<number>): this {
    for (const octet of bytes) this.#octets.push(octet);
    return this;
  }

  name(text: string): this {
    return this.uint8(text.length).octets(bytesOf(text));
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#octets);
  }
}
