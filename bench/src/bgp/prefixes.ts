/** So many /32 in a row from 10.0.0.0 on; at most 2^24. */
export function prefixesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${addressOf(i)}/32`);
}

/** The fewest prefixes that cover exactly those addresses, the largest first. */
export function coverOf(count: number): readonly string[] {
  const cover: string[] = [];
  let first = 0;
  for (let bits = 24; bits >= 0; bits -= 1) {
    const size = 2 ** bits;
    if ((count & size) === 0) continue;
    cover.push(`${addressOf(first)}/${32 - bits}`);
    first += size;
  }
  return cover;
}

function addressOf(i: number): string {
  return `10.${i >>> 16}.${(i >>> 8) & 0xff}.${i & 0xff}`;
}
