import { isIPv6 } from "node:net";

/** The text of an address of 4 or 16 octets, as RFC 5952 writes it: `192.0.2.1`, `2001:db8::1`. */
export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  const groups: number[] = [];
  for (let i = 0; i < octets.length; i += 2) {
    groups.push(((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0));
  }
  const gap = longestZeros(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  if (gap === undefined) return text(0, groups.length);
  return `${text(0, gap.start)}::${text(gap.start + gap.length, groups.length)}`;
}

/**
 * The 16 octets of an IPv6 address in text.
 *
 * @throws {RangeError} when it is none, or has a zone; the message calls it by `name`.
 */
export function ipv6Octets(name: string, text: string): Uint8Array {
  if (!isIPv6(text) || text.includes("%")) {
    throw new RangeError(
      `${name} must be an IPv6 address without a zone, got ${JSON.stringify(text)}`,
    );
  }
  const [before, after] = text.replace(DOTTED_END, hexGroups).split("::");
  const octets = new Uint8Array(16);
  octets.set(octetsOf(before));
  const end = octetsOf(after);
  octets.set(end, octets.length - end.length);
  return octets;
}

/** Of groups in hexadecimal, such as `2001:db8`. */
function octetsOf(groups = ""): readonly number[] {
  return groups.split(":").flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return group === "" ? [] : [value >> 8, value & 0xff];
  });
}

/** `192.0.2.1` as `c000:201`. */
function hexGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** The longest run of two zeros or more, the first of equals (RFC 5952 section 4.2). */
function longestZeros(groups: readonly number[]): { start: number; length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    const length = i + 1 - start;
    if (length >= 2 && length > (best?.length ?? 0)) best = { start, length };
  }
  return best;
}

const DOTTED_END = /[0-9]+\.[0-9.]+$/;
