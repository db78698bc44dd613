import type { ClientLog, Sighting } from "./log.ts";

/** What became of one address, in one family, from one step of a round to the next. */
export interface Phase {
  /** Datagrams sent, and those of them that nobody answered in time. */
  readonly sent: number;
  readonly lost: number;
  /**
   * The longest time for which no request was answered: from the first that was not to the next one that
   * was, each by when it was sent; 0 when all were. Of one that does not end, up to the last sent.
   */
  readonly outageMs: number;
  /** Whether an outage was not over at the end. */
  readonly unended: boolean;
  readonly connections: number;
  /** Those that were not made within 900 ms. */
  readonly failedConnections: number;
  /** Who answered, each as often as it took over from another. */
  readonly holders: readonly string[];
  /** How long two nodes said that they have the address, by their answers to who asked. */
  readonly overlapMs: number;
  /** The longest time between two answers of anybody to who asked who has the address. */
  readonly silenceMs: number;
  /** Announcements that nobody asked for, by node. */
  readonly announcements: Readonly<Record<string, number>>;
}

/**
 * Cuts a round into its phases: the first from the beginning to the first mark, then one from each mark on.
 *
 * What began in one phase belongs to it, however long it lasts.
 *
 * @param marksMs when each step of the round began.
 */
export function phasesOf(
  client: ClientLog,
  sightings: readonly Sighting[],
  marksMs: readonly number[],
): readonly Phase[] {
  const edges = [Number.NEGATIVE_INFINITY, ...marksMs, Number.POSITIVE_INFINITY];
  const outages = outagesOf(client);
  const silences = silencesOf(sightings, client.datagrams.at(-1)?.sentMs);
  return edges.slice(0, -1).map((from, index) => {
    const to = edges[index + 1] ?? Number.POSITIVE_INFINITY;
    const within = (atMs: number) => atMs >= from && atMs < to;
    const datagrams = client.datagrams.filter(({ sentMs }) => within(sentMs));
    const connections = client.connections.filter(({ beganMs }) => within(beganMs));
    const seen = sightings.filter(({ atMs }) => within(atMs));
    const broken = outages.filter(({ fromMs }) => within(fromMs));
    // It begins with the first request that was in vain.
    const quiet = silences.filter(({ fromMs }) => within(fromMs + ASK_INTERVAL_MS));
    return {
      sent: datagrams.length,
      lost: datagrams.filter((each) => !isAnswered(each)).length,
      outageMs: Math.max(0, ...broken.map(({ fromMs, toMs }) => toMs - fromMs)),
      unended: broken.some(({ ended }) => !ended),
      connections: connections.length,
      failedConnections: connections.filter(({ outcome }) => outcome !== "connected").length,
      holders: runsOf(datagrams.flatMap(({ answer }) => answer?.node ?? [])),
      overlapMs: overlapOf(seen.filter(({ what }) => what === "answer")),
      silenceMs: Math.max(0, ...quiet.map(({ fromMs, toMs }) => toMs - fromMs)),
      announcements: countsOf(seen),
    };
  });
}

/** How often the observer asks. */
export const ASK_INTERVAL_MS = 5;
/** An answer that comes later is of no use to who asked. */
const ANSWERED_WITHIN_MS = 100;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function isAnswered({ sentMs, answer }: ClientLog["datagrams"][number]): boolean {
  return answer !== undefined && answer.atMs - sentMs <= ANSWERED_WITHIN_MS;
}

function outagesOf({ datagrams }: ClientLog): readonly (Span & { readonly ended: boolean })[] {
  const outages: (Span & { ended: boolean })[] = [];
  let fromMs: number | undefined;
  for (const each of datagrams) {
    if (!isAnswered(each)) fromMs ??= each.sentMs;
    else if (fromMs !== undefined) {
      outages.push({ fromMs, toMs: each.sentMs, ended: true });
      fromMs = undefined;
    }
  }
  const toMs = datagrams.at(-1)?.sentMs ?? 0;
  return fromMs === undefined ? outages : [...outages, { fromMs, toMs, ended: false }];
}

/** The last of them may last to the end. */
function silencesOf(sightings: readonly Sighting[], endMs = 0): readonly Span[] {
  const times = sightings.flatMap(({ what, atMs }) => (what === "answer" ? [atMs] : []));
  return times.map((fromMs, index) => ({
    fromMs,
    toMs: times[index + 1] ?? Math.max(fromMs, endMs),
  }));
}

function runsOf(nodes: readonly string[]): readonly string[] {
  return nodes.filter((node, index) => node !== nodes[index - 1]);
}

/** A node counts as answering from its first answer to its last. */
function overlapOf(answers: readonly Sighting[]): number {
  const spans = new Map<string, { fromMs: number; toMs: number }>();
  for (const { atMs, node } of answers) {
    const span = spans.get(node);
    if (span === undefined) spans.set(node, { fromMs: atMs, toMs: atMs });
    else span.toMs = atMs;
  }
  const edges = [...spans.values()].flatMap(({ fromMs, toMs }) => [
    { atMs: fromMs, step: 1 },
    { atMs: toMs, step: -1 },
  ]);
  edges.sort((a, b) => a.atMs - b.atMs);
  let answering = 0;
  let overlapMs = 0;
  for (const [index, { atMs, step }] of edges.entries()) {
    answering += step;
    if (answering > 1) overlapMs += (edges[index + 1]?.atMs ?? atMs) - atMs;
  }
  return overlapMs;
}

function countsOf(seen: readonly Sighting[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { what, node } of seen) {
    if (what === "announcement") counts[node] = (counts[node] ?? 0) + 1;
  }
  return counts;
}
