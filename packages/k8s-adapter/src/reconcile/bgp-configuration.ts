import { parseRange } from "@ingot/allocator";
import { communityValue } from "../config/community-value.ts";
import { valueText } from "../config/field.ts";
import type {
  BgpAdvertisementRecord,
  CommunityRecord,
  ObjectError,
  PoolRecord,
} from "../domain.ts";
import { conflict, lengthOf } from "./bgp-routes.ts";
import { compareText } from "./pools.ts";
import { selectsPool } from "./selection.ts";

/** The advertisements in force, and what is wrong with those that are not, or not in their newest form. */
export interface ResolvedBgp {
  /** By key, in the order of their keys. */
  readonly advertisements: ReadonlyMap<string, BgpAdvertisementRecord>;
  /** Community values by the names that advertisements may use. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly rejected: readonly ObjectError[];
}

/** What {@link resolveBgp} settles. */
export interface BgpObjects {
  readonly advertisements: Iterable<BgpAdvertisementRecord>;
  readonly communities: Iterable<CommunityRecord>;
  /** In force. */
  readonly pools: Iterable<PoolRecord>;
}

/**
 * Settles which advertisements are in force: one that names an unknown community, asks for a longer
 * aggregate than a pool's range has, or contradicts another for the same peers, is refused. Of two
 * that contradict each other it is the newer one, or the one that was changed; its last good form
 * stays in force where that still fits.
 */
export function resolveBgp(
  previous: ReadonlyMap<string, BgpAdvertisementRecord>,
  objects: BgpObjects,
): ResolvedBgp {
  const rejected: ObjectError[] = [];
  const aliases = aliasesOf(objects.communities, rejected);
  const pools = [...objects.pools];
  const accepted = new Map<string, BgpAdvertisementRecord>();
  const wrong = (ad: BgpAdvertisementRecord) =>
    communityError(ad, aliases) ?? lengthError(ad, pools) ?? conflictError(ad, accepted, pools);
  const inOrder = Array.from(objects.advertisements).sort(
    (a, b) => rank(previous, a) - rank(previous, b) || byAge(a, b),
  );
  for (const ad of inOrder) {
    const error = wrong(ad);
    if (error !== undefined) rejected.push(error);
    const inForce = error === undefined ? ad : previous.get(ad.key);
    if (inForce === undefined) continue;
    if (error !== undefined && wrong(inForce) !== undefined) continue;
    accepted.set(ad.key, inForce);
  }
  const advertisements = new Map([...accepted].sort(([a], [b]) => compareText(a, b)));
  return { advertisements, aliases, rejected };
}

/** The older Community keeps a name that two of them give. */
function aliasesOf(
  communities: Iterable<CommunityRecord>,
  rejected: ObjectError[],
): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const community of Array.from(communities).sort(byAge)) {
    for (const [index, { name, value }] of community.aliases.entries()) {
      const other = aliases.get(name);
      if (other === undefined) aliases.set(name, value);
      else if (other !== value) {
        rejected.push({
          kind: "community",
          key: community.key,
          field: `spec.communities[${index}].name`,
          message: `${valueText(name)} already stands for ${other} in another Community`,
        });
      }
    }
  }
  return aliases;
}

function communityError(
  ad: BgpAdvertisementRecord,
  aliases: ReadonlyMap<string, string>,
): ObjectError | undefined {
  const index = ad.communities.findIndex(
    (text) => communityValue(text) === undefined && !aliases.has(text),
  );
  if (index < 0) return undefined;
  const message = `no Community gives the name ${valueText(ad.communities[index])}`;
  return errorOf(ad, `spec.communities[${index}]`, message);
}

function lengthError(
  ad: BgpAdvertisementRecord,
  pools: readonly PoolRecord[],
): ObjectError | undefined {
  for (const pool of pools.filter((candidate) => selectsPool(ad, candidate))) {
    for (const entry of pool.addresses) {
      const { family, shortest } = shortestPrefix(entry);
      const length = lengthOf(ad, family);
      if (length >= shortest) continue;
      const field = family === 4 ? "aggregationLength" : "aggregationLengthV6";
      return errorOf(
        ad,
        `spec.${field}`,
        `${length} is too short for pool "${pool.name}": ${entry} is no larger than a /${shortest}, so the route would speak for addresses beyond it`,
      );
    }
  }
  return undefined;
}

function conflictError(
  ad: BgpAdvertisementRecord,
  accepted: ReadonlyMap<string, BgpAdvertisementRecord>,
  pools: readonly PoolRecord[],
): ObjectError | undefined {
  // Whether selectors can meet on one Service, or one node, shows when a Service is announced.
  if (ad.serviceSelectors.length > 0 || ad.nodeSelectors.length > 0) return undefined;
  for (const pool of pools.filter((candidate) => selectsPool(ad, candidate))) {
    const families = new Set(pool.addresses.map((entry) => shortestPrefix(entry).family));
    const others = [...accepted.values()].filter(
      (other) =>
        other.key !== ad.key &&
        other.serviceSelectors.length === 0 &&
        other.nodeSelectors.length === 0 &&
        selectsPool(other, pool),
    );
    const clash = others.find((other) => conflict([other, ad], families) !== undefined);
    if (clash === undefined) continue;
    const field = clash.localPref === ad.localPref ? "asPathPrepend" : "localPref";
    return errorOf(
      ad,
      `spec.${field}`,
      `${ad[field]} contradicts ${clash[field]} of BGPAdvertisement "${clash.name}" for pool "${pool.name}" and the same peers`,
    );
  }
  return undefined;
}

/** The shortest prefix that fits into an entry of a pool. */
function shortestPrefix(entry: string): { readonly family: 4 | 6; readonly shortest: number } {
  const { family, first, last } = parseRange(entry);
  const width = family === 4 ? 32 : 128;
  let hostBits = 0;
  while (hostBits < width && fits(BigInt(hostBits + 1), first, last)) hostBits++;
  return { family, shortest: width - hostBits };
}

/** Whether an aligned block with that many host bits is between two addresses. */
function fits(hostBits: bigint, first: bigint, last: bigint): boolean {
  const size = 1n << hostBits;
  const start = ((first + size - 1n) >> hostBits) << hostBits;
  return start + size - 1n <= last;
}

function errorOf(ad: BgpAdvertisementRecord, field: string, message: string): ObjectError {
  return { kind: "bgpAdvertisement", key: ad.key, field, message };
}

function rank(
  previous: ReadonlyMap<string, BgpAdvertisementRecord>,
  record: BgpAdvertisementRecord,
): number {
  const before = previous.get(record.key);
  return before !== undefined && sameContent(before, record) ? 0 : 1;
}

function sameContent(a: BgpAdvertisementRecord, b: BgpAdvertisementRecord): boolean {
  return (
    JSON.stringify({ ...a, resourceVersion: "" }) === JSON.stringify({ ...b, resourceVersion: "" })
  );
}

function byAge(
  a: { readonly createdMs: number; readonly key: string },
  b: { readonly createdMs: number; readonly key: string },
): number {
  return a.createdMs - b.createdMs || compareText(a.key, b.key);
}
