// By hand: TextEncoder and TextDecoder belong to a platform, not to the language.

/** A text in UTF-8, cut at the boundary of a character so that it has at most so many octets. */
export function encodeText(text: string, maxLengthBytes: number): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const encoded = encodeCharacter(character.codePointAt(0) ?? 0);
    if (octets.length + encoded.length > maxLengthBytes) break;
    octets.push(...encoded);
  }
  return Uint8Array.from(octets);
}

/**
 * The text that octets in UTF-8 stand for. What is not UTF-8 becomes U+FFFD, and a control character
 * its picture (U+2400 and on): the text is a stranger's, and goes into logs.
 */
export function decodeText(octets: Uint8Array): string {
  let text = "";
  for (let i = 0; i < octets.length; ) {
    const { code, length } = decodeCharacter(octets, i);
    text += String.fromCodePoint(visible(code));
    i += length;
  }
  return text;
}

function encodeCharacter(code: number): number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), tail(code)];
  if (code >= 0xd800 && code <= 0xdfff) return [0xef, 0xbf, 0xbd];
  if (code < 0x1_0000) return [0xe0 | (code >> 12), tail(code >> 6), tail(code)];
  return [0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code)];
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

function decodeCharacter(octets: Uint8Array, start: number): { code: number; length: number } {
  const first = octets[start] ?? 0;
  if (first < 0x80) return { code: first, length: 1 };
  const form = FORMS.find(({ mask, lead }) => (first & mask) === lead);
  if (form === undefined) return REPLACEMENT;
  let code = first & ~form.mask;
  for (let i = start + 1; i < start + form.length; i++) {
    const next = octets[i] ?? 0;
    if ((next & 0xc0) !== 0x80) return REPLACEMENT;
    code = (code << 6) | (next & 0x3f);
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < form.least || code > 0x10_ffff || surrogate) return REPLACEMENT;
  return { code, length: form.length };
}

function visible(code: number): number {
  if (code < 0x20) return 0x2400 + code;
  return code >= 0x7f && code < 0xa0 ? 0x2421 : code;
}

const FORMS = [
  { mask: 0xe0, lead: 0xc0, length: 2, least: 0x80 },
  { mask: 0xf0, lead: 0xe0, length: 3, least: 0x800 },
  { mask: 0xf8, lead: 0xf0, length: 4, least: 0x1_0000 },
];
const REPLACEMENT = { code: 0xfffd, length: 1 };
