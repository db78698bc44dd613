import { encodePrefix, formatPrefix } from "../prefix.ts";

/** A prefix in numbers; one object is used for many prefixes, one after the other. */
export interface PrefixKey {
  /** In bits. */
  length: number;
  /** The address, its first 32 bits first; of IPv4 only the first word counts. */
  readonly words: Int32Array;
}

/** Room for one prefix. */
export function newPrefixKey(): PrefixKey {
  return { length: 0, words: new Int32Array(4) };
}

/**
 * Reads a prefix into `key` and tells whether it is IPv6.
 *
 * @throws {TypeError} when the text is no prefix, or has bits set after its length.
 */
export function readPrefix(text: string, key: PrefixKey): boolean {
  if (readIpv4(text, key)) return false;
  const octets = encodePrefix(text);
  key.words.fill(0);
  key.length = octets[0] as number;
  for (let at = 1; at < octets.length; at++) {
    const word = (at - 1) >>> 2;
    const shift = 24 - 8 * ((at - 1) & 3);
    key.words[word] = (key.words[word] as number) | ((octets[at] as number) << shift);
  }
  return text.includes(":");
}

/** The canonical text of the prefix whose address begins at a word. */
export function formatWords(afi: number, words: Int32Array, at: number, length: number): string {
  const octets = new Uint8Array(17);
  octets[0] = length;
  writeAddress(octets, 1, words, at, (length + 7) >>> 3);
  return formatPrefix(afi, octets);
}

/** Writes the first octets of the address that begins at a word; returns the offset after them. */
export function writeAddress(
  octets: Uint8Array,
  offset: number,
  words: Int32Array,
  at: number,
  count: number,
): number {
  for (let i = 0; i < count; i++) {
    octets[offset + i] = (words[at + (i >>> 2)] as number) >>> (24 - 8 * (i & 3));
  }
  return offset + count;
}

/** Spreads keys evenly over 32 bits. */
export function hashKey(key: PrefixKey, words: number): number {
  return hashWords(key.words, 0, words, key.length);
}

/** As {@link hashKey}, of the words that begin at one. */
export function hashWords(words: Int32Array, at: number, count: number, length: number): number {
  let hash = length;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ (words[at + i] as number), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85eb_ca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** The usual spelling of an IPv4 prefix, without an object made; false for anything else. */
function readIpv4(text: string, key: PrefixKey): boolean {
  let address = 0;
  let number = 0;
  let digits = 0;
  let parts = 0;
  const end = text.length;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= ZERO + 9) {
      if (digits > 0 && number === 0) return false;
      number = number * 10 + code - ZERO;
      digits += 1;
      if (number > 255) return false;
      continue;
    }
    if (digits === 0 || code !== (parts === 3 ? SLASH : DOT)) return false;
    address = (address << 8) | number;
    parts += 1;
    number = 0;
    digits = 0;
  }
  if (parts !== 4 || digits === 0 || number > 32) return false;
  if (number < 32 && address << number !== 0) return false;
  key.length = number;
  key.words[0] = address;
  return true;
}

const ZERO = 0x30;
const DOT = 0x2e;
const SLASH = 0x2f;
