import {
  Afi,
  AttributeFlag,
  AttributeType,
  encodeAttribute,
  encodeAttributes,
  encodePrefix,
  encodeUpdate,
  KEEPALIVE,
  type PathAttributes,
} from "@ingot/bgp";
import { seededRandom } from "@ingot/testkit";

/** What a stream holds. */
export interface StreamContents {
  readonly messages: number;
  readonly announced: number;
  readonly withdrawn: number;
  /** Path attributes, those that hold prefixes included. */
  readonly attributes: number;
}

/** Messages as a peer with a full table sends them, one after the other. */
export interface UpdateStream extends StreamContents {
  readonly octets: Uint8Array;
}

/**
 * Makes up a stream that looks like a real feed: few paths have most of the prefixes, most messages
 * have one or two prefixes and some hundreds, a seventh is IPv6, a tenth withdraws, and there is a
 * KEEPALIVE now and then. The same for the same seed.
 */
export function updateStream(seed: number, messages: number): UpdateStream {
  const random = seededRandom(seed);
  const paths = Array.from({ length: Math.ceil(messages / MESSAGES_A_PATH) }, () => path(random));
  const parts: Uint8Array[] = [];
  const contents = { messages, announced: 0, withdrawn: 0, attributes: 0 };
  for (let i = 0; i < messages; i += 1) {
    if (random() < KEEPALIVE_SHARE) {
      parts.push(KEEPALIVE);
      continue;
    }
    const afi = random() < IPV6_SHARE ? Afi.ipv6 : Afi.ipv4;
    const count = prefixCount(random);
    const prefixes = concat(Array.from({ length: count }, () => prefix(afi, random)));
    if (random() < WITHDRAW_SHARE) {
      contents.withdrawn += count;
      if (afi === Afi.ipv6) contents.attributes += 1;
      parts.push(withdrawal(afi, prefixes));
      continue;
    }
    // The square prefers the first ones: a few upstreams are in most of the paths.
    const chosen = paths[Math.floor(random() ** 2 * paths.length)];
    if (chosen === undefined) throw new RangeError(`messages must be at least 1, got ${messages}`);
    contents.announced += count;
    contents.attributes += chosen.attributes + 1;
    parts.push(announcement(afi, chosen, prefixes));
  }
  return { octets: concat(parts), ...contents };
}

/** What routes of both families share. */
interface Path {
  /** How many attributes; a message has one more, with the next hop. */
  readonly attributes: number;
  /** All of them, encoded. */
  readonly octets: Uint8Array;
}

function path(random: () => number): Path {
  const asn = () =>
    random() < 0.3 ? between(random, 131_072, 400_000) : between(random, 1, 64_495);
  const some = (most: number) => Array.from({ length: between(random, 1, most) }, () => random());
  const maybe = <T>(share: number, value: () => T): Partial<T> => (random() < share ? value() : {});
  const attributes: PathAttributes = {
    origin: random() < 0.9 ? "igp" : "incomplete",
    asPath: [{ type: "sequence", asns: [PEER_ASN, ...some(6).map(asn)] }],
    nextHop: "::",
    ...maybe(0.2, () => ({ multiExitDisc: between(random, 0, 1_000) })),
    ...maybe(0.05, () => ({ atomicAggregate: true })),
    ...maybe(0.1, () => ({ aggregator: { asn: asn(), address: "198.51.100.1" } })),
    ...maybe(0.7, () => ({ communities: some(14).map((x) => Math.floor(x * 0xffff_0000)) })),
    ...maybe(0.15, () => ({
      largeCommunities: some(5).map((x) => ({
        globalAdministrator: asn(),
        localData1: Math.floor(x * 10_000),
        localData2: between(random, 0, 1_000),
      })),
    })),
    ...maybe(0.05, () => ({ extendedCommunities: some(2).map((x) => routeTarget(x)) })),
  };
  const count = Object.keys(attributes).length - 1;
  return { attributes: count, octets: encodeAttributes(attributes, SESSION) };
}

function announcement(afi: number, { octets }: Path, prefixes: Uint8Array): Uint8Array {
  if (afi === Afi.ipv4) {
    return encodeUpdate({ attributes: concat([octets, NEXT_HOP]), announced: prefixes });
  }
  const value = concat([MP_REACH_HEADER, prefixes]);
  return encodeUpdate({
    attributes: concat([attribute(AttributeType.mpReachNlri, value), octets]),
  });
}

function withdrawal(afi: number, prefixes: Uint8Array): Uint8Array {
  if (afi === Afi.ipv4) return encodeUpdate({ withdrawn: prefixes });
  const value = concat([Uint8Array.of(0, Afi.ipv6, 1), prefixes]);
  return encodeUpdate({ attributes: attribute(AttributeType.mpUnreachNlri, value) });
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  return encodeAttribute({ type, flags: AttributeFlag.optional, value });
}

/** Half have one; the rest fall off quickly, up to what fits a message. */
function prefixCount(random: () => number): number {
  return Math.min(1 + Math.floor(0.6 / (1 - random()) - 0.1), MOST_PREFIXES);
}

/** Lengths as in the global tables. */
function prefix(afi: number, random: () => number): Uint8Array {
  const draw = random();
  if (afi === Afi.ipv4) {
    const lengthBits = draw < 0.6 ? 24 : draw < 0.8 ? 22 : between(random, 12, 24);
    return packed([between(random, 1, 223), ...octets(random, 3)], lengthBits);
  }
  const lengthBits = draw < 0.5 ? 48 : draw < 0.7 ? 32 : between(random, 29, 64);
  return packed([0x20 | between(random, 0, 15), ...octets(random, 7)], lengthBits);
}

function packed(address: readonly number[], lengthBits: number): Uint8Array {
  const length = (lengthBits + 7) >>> 3;
  const prefix = Uint8Array.from([lengthBits, ...address.slice(0, length)]);
  prefix[length] = (prefix[length] ?? 0) & (0xff << (8 * length - lengthBits));
  return prefix;
}

function octets(random: () => number, count: number): readonly number[] {
  return Array.from({ length: count }, () => between(random, 0, 255));
}

function routeTarget(x: number): Uint8Array {
  const value = Math.floor(x * 0xffff);
  return Uint8Array.of(0x00, 0x02, 0xfd, 0xe9, 0, 0, value >>> 8, value);
}

/** From `least` to `most`, both included. */
function between(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const PEER_ASN = 65_001;
const MESSAGES_A_PATH = 5;
const KEEPALIVE_SHARE = 0.002;
const IPV6_SHARE = 0.15;
const WITHDRAW_SHARE = 0.1;
const MOST_PREFIXES = 300;
/** IPv6, so that there is no NEXT_HOP. */
const SESSION = { fourOctetAs: true, internal: false, afi: Afi.ipv6 };
const NEXT_HOP = encodeAttribute({
  type: AttributeType.nextHop,
  flags: AttributeFlag.transitive,
  value: Uint8Array.of(192, 0, 2, 1),
});
const MP_REACH_HEADER = concat([
  Uint8Array.of(0, Afi.ipv6, 1, 16),
  encodePrefix("2001:db8::1/128").subarray(1),
  Uint8Array.of(0),
]);
