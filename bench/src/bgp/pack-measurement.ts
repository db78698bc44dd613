import { AdjRibOut, type Outbox, type PathAttributes, type SessionClass } from "@ingot/bgp";
import { median } from "../statistics.ts";

/** What to pack. */
export interface PackWorkload {
  readonly family: 4 | 6;
  readonly routes: number;
  /** Different sets of attributes, which the routes have in turns. */
  readonly sets: number;
  readonly peers: number;
  /** 4,096 or 65,535. */
  readonly maxMessageLength: number;
}

/** The figures of one workload; times are of warm runs, and medians, unless they say otherwise. */
export interface PackFigures {
  /** All routes into an empty table. */
  readonly announceMs: number;
  /** All messages for all peers, the first time in the process. */
  readonly firstPackMs: number;
  readonly packMs: number;
  /** The longest single pull of the median run. */
  readonly longestPullMs: number;
  /** On the wire, of one peer. */
  readonly octets: number;
  /** A loop that does nothing but write the same messages from an array of addresses. */
  readonly naiveMs: number;
  /** Withdrawal of all routes, and all messages about it. */
  readonly withdrawMs: number;
  /** Heap and external memory that table and outboxes keep, every peer up to date. */
  readonly bytes: number;
}

/**
 * Packs a workload several times.
 *
 * @param collect collects all garbage.
 */
export function measurePacking(workload: PackWorkload, collect: () => void): PackFigures {
  const { family, routes, sets, peers, maxMessageLength } = workload;
  const prefixes = Array.from({ length: routes }, (_, i) => prefixOf(family, i));
  const attributes = Array.from({ length: sets }, (_, i) => attributesOf(i));
  const session = { ...SESSION, maxMessageLength };
  const used = (): number => {
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const naiveMs = Array.from({ length: RUNS }, () => timed(() => packNaively(family, routes)));
  const runs = Array.from({ length: RUNS }, () => {
    const before = used();
    const rib = new AdjRibOut();
    const announceMs = timed(() => {
      for (let i = 0; i < routes; i++) {
        rib.announce(prefixes[i] as string, attributes[i % sets] as PathAttributes);
      }
    });
    const outboxes = Array.from({ length: peers }, () => rib.attach(session));
    collect();
    const packed = pullAll(outboxes);
    const bytes = used() - before;
    const withdrawMs = timed(() => {
      rib.withdrawMany(prefixes);
      pullAll(outboxes);
    });
    return { announceMs, withdrawMs, bytes, ...packed };
  });
  const warm = runs.slice(1);
  return {
    announceMs: median(warm.map((run) => run.announceMs)),
    firstPackMs: runs[0]?.packMs ?? 0,
    packMs: median(warm.map((run) => run.packMs)),
    longestPullMs: median(warm.map((run) => run.longestPullMs)),
    octets: (runs[0]?.octets ?? 0) / peers,
    naiveMs: median(naiveMs.slice(1)),
    withdrawMs: median(warm.map((run) => run.withdrawMs)),
    bytes: median(warm.map((run) => run.bytes)),
  };
}

/** Pulls from all in turns, as sockets would that are writable at the same time. */
function pullAll(outboxes: readonly Outbox[]) {
  let octets = 0;
  let longestPullMs = 0;
  const packMs = timed(() => {
    for (let pulled = -1; pulled !== octets; ) {
      pulled = octets;
      for (const outbox of outboxes) {
        const start = performance.now();
        octets += outbox.pull()?.length ?? 0;
        longestPullMs = Math.max(longestPullMs, performance.now() - start);
      }
    }
  });
  return { octets, packMs, longestPullMs };
}

function packNaively(family: 4 | 6, routes: number): Uint8Array {
  const words = family === 4 ? 1 : 4;
  const addresses = new Uint32Array(routes * words);
  for (let i = 0; i < routes; i++) addresses[i * words + words - 1] = i;
  const out = new Uint8Array(routes * (words * 4 + 1) * 1.05 + 4_096);
  const overhead = family === 4 ? 43 : 61;
  let at = 0;
  for (let next = 0; next < addresses.length; ) {
    const end = at + 4_096;
    at += overhead;
    while (next < addresses.length && at + 1 + 4 * words <= end) {
      out[at++] = 32 * words;
      for (let i = 0; i < words; i++) {
        const word = addresses[next++] as number;
        out[at++] = word >>> 24;
        out[at++] = word >>> 16;
        out[at++] = word >>> 8;
        out[at++] = word;
      }
    }
  }
  return out;
}

function prefixOf(family: 4 | 6, i: number): string {
  const [high, low] = [i >>> 16, i & 0xffff];
  if (family === 6) return `2001:db8::${high.toString(16)}:${low.toString(16)}/128`;
  return `10.${high}.${low >>> 8}.${low & 0xff}/32`;
}

function attributesOf(multiExitDisc: number): PathAttributes {
  return { origin: "igp", asPath: [], nextHop: "::", ...(multiExitDisc > 0 && { multiExitDisc }) };
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const SESSION: Omit<SessionClass, "maxMessageLength"> = {
  fourOctetAs: true,
  internal: false,
  localAsn: 65_001,
  families: [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ],
  nextHop: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
};
const RUNS = 6;
