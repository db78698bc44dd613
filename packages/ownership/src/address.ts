/**
 * The 4 or 16 octets of an address.
 *
 * @throws {TypeError} when the text is neither an IPv4 nor an IPv6 address, or has a zone.
 */
export function addressToBytes(text: string): Uint8Array {
  const bytes = text.includes(":") ? ipv6(text) : ipv4(text);
  if (bytes === undefined) throw new TypeError(`address must be IPv4 or IPv6, got ${text}`);
  return Uint8Array.from(bytes);
}

/** Canonical text (RFC 5952, without its section 5) of 4 or 16 octets. */
export function addressFromBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const gap = longestGap(words);
  if (gap.length < 2) return words.join(":");
  const before = words.slice(0, gap.start).join(":");
  return `${before}::${words.slice(gap.start + gap.length).join(":")}`;
}

/** The first of the longest runs of zeros. */
function longestGap(words: readonly string[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (words[end] === "0") end += 1;
    if (end - start > longest.length) longest = { start, length: end - start };
  }
  return longest;
}

function ipv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

function ipv6(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = wordsOf(halves[0] ?? "");
  const tail = wordsOf(halves[1] ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const words = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return words.flatMap((word) => [word >> 8, word & 0xff]);
}

/** Groups of hexadecimal digits, the last of which may be an IPv4 address for two. */
function wordsOf(half: string): readonly number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const words: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes(".")) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4(part) ?? [];
      if (ipv4(part) === undefined) return undefined;
      words.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) words.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return words;
}
