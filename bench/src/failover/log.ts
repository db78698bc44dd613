/** A datagram of the client: when it was sent, and when and by whom it was answered. */
export interface Datagram {
  readonly sentMs: number;
  /** Undefined: never. */
  readonly answer: { readonly atMs: number; readonly node: string } | undefined;
}

/** A connection that the client tried to make. */
export interface Connection {
  readonly beganMs: number;
  readonly endedMs: number;
  /** `connected`, `timeout`, or the name of the error. */
  readonly outcome: string;
}

/** What the client saw; in the order of time, on the machine's monotonic clock. */
export interface ClientLog {
  readonly datagrams: readonly Datagram[];
  readonly connections: readonly Connection[];
}

/** A frame by which a node said that it has the address. */
export interface Sighting {
  readonly atMs: number;
  /** An answer to a request, or one that nobody asked for. */
  readonly what: "answer" | "announcement";
  readonly node: string;
}

/** Reads what `failover-client` prints. @throws {Error} on a line that is not of it. */
export function parseClientLog(text: string): ClientLog {
  const datagrams: Datagram[] = [];
  const connections: Connection[] = [];
  for (const line of linesOf(text)) {
    const [kind, from = "", to = "", rest = ""] = line.split(" ");
    if (kind === "d" && /^\d+ (\d+ \S+|- -)$/.test(line.slice(2))) {
      const answer = to === "-" ? undefined : { atMs: msOf(to), node: rest };
      datagrams.push({ sentMs: msOf(from), answer });
    } else if (kind === "c" && /^\d+ \d+ \w+$/.test(line.slice(2))) {
      connections.push({ beganMs: msOf(from), endedMs: msOf(to), outcome: rest });
    } else if (line !== "ready") {
      throw new Error(`not a line of the client: ${line}`);
    }
  }
  return { datagrams, connections };
}

/**
 * Reads what `neighbour-watcher` prints; `nodes` has the name of each hardware address.
 *
 * @throws {Error} on a line that is not of it.
 */
export function parseSightings(
  text: string,
  nodes: ReadonlyMap<string, string>,
): readonly Sighting[] {
  return linesOf(text).flatMap((line) => {
    if (line === "ready") return [];
    const [, ns = "", what, mac = ""] = /^(\d+) (answer|announcement) (\S+)$/.exec(line) ?? [];
    if (what === undefined) throw new Error(`not a line of the watcher: ${line}`);
    const node = nodes.get(mac) ?? mac;
    return [{ atMs: msOf(ns), what: what as Sighting["what"], node }];
  });
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

function msOf(ns: string): number {
  return Number(ns) / 1e6;
}
