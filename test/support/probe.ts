import { fileURLToPath } from "node:url";
import type { LabNamespace, LabProcess } from "@ingot/testkit";
import { until } from "@ingot/testkit";

/** What a client saw of an address that it sent a datagram to every 2 ms. */
export interface Seen {
  readonly sent: number;
  /** Not answered within 300 ms. */
  readonly lost: number;
  /** The longest time from one that was lost to the next that was answered. */
  readonly outageMs: number;
  /** Who answered, one after the other. */
  readonly holders: readonly string[];
}

/** Sends to addresses all the time, and tells what became of it. */
export class Probe {
  readonly #process: LabProcess;
  readonly #addresses: readonly string[];
  readonly #datagrams: Map<string, Datagram[]>;
  #sinceMs = 0;

  private constructor(
    process: LabProcess,
    addresses: readonly string[],
    datagrams: Map<string, Datagram[]>,
  ) {
    this.#process = process;
    this.#addresses = addresses;
    this.#datagrams = datagrams;
  }

  /**
   * Starts in a namespace; returns when each address answers.
   *
   * Whoever answers says its name first and then what it was sent, as the testkit's backends do.
   */
  static async start(
    netns: LabNamespace,
    addresses: readonly string[],
    port: number,
  ): Promise<Probe> {
    const datagrams = new Map<string, Datagram[]>(addresses.map((address) => [address, []]));
    const program = netns.spawn(process.execPath, [PROGRAM, `${port}`, ...addresses], {
      onLine: (line) => {
        const [address = "", sentMs, who] = line.split(" ");
        datagrams.get(address)?.push({ sentMs: Number(sentMs), who });
      },
    });
    const probe = new Probe(program, addresses, datagrams);
    await probe.answered();
    probe.reset();
    return probe;
  }

  /** Returns when each address was answered for since the last reset, by a node that is accepted. */
  async answered(accept: (node: string) => boolean = () => true): Promise<void> {
    await until(
      () =>
        this.#addresses.every((address) =>
          this.#of(address).some(({ who = "-" }) => who !== "-" && accept(who)),
        ),
      { timeoutMs: 15_000, intervalMs: 5, what: `answers from ${this.#addresses.join(" and ")}` },
    );
  }

  /** Forgets what became of all that was sent so far. */
  reset(): void {
    this.#sinceMs = Number(process.hrtime.bigint()) / 1e6;
    for (const address of this.#addresses) this.#datagrams.set(address, []);
  }

  /** What it saw since the last reset, of each address; what is under way is not counted yet. */
  seen(): readonly Seen[] {
    return this.#addresses.map((address) => summary(this.#of(address)));
  }

  /** Ends it once all is counted. */
  async end(): Promise<readonly Seen[]> {
    await this.#process.stop("SIGTERM", 5_000);
    return this.seen();
  }

  /** What comes late may be about datagrams from before the reset. */
  #of(address: string): readonly Datagram[] {
    const all = this.#datagrams.get(address) ?? [];
    return all.filter(({ sentMs }) => sentMs >= this.#sinceMs);
  }
}

interface Datagram {
  readonly sentMs: number;
  readonly who: string | undefined;
}

function summary(datagrams: readonly Datagram[]): Seen {
  // Told when they are answered or given up: not in the order in which they were sent.
  const inOrder = [...datagrams].sort((a, b) => a.sentMs - b.sentMs);
  const holders: string[] = [];
  let outageMs = 0;
  let from: number | undefined;
  for (const { sentMs, who = "-" } of inOrder) {
    if (who === "-") {
      from ??= sentMs;
      continue;
    }
    if (from !== undefined) outageMs = Math.max(outageMs, sentMs - from);
    from = undefined;
    if (holders.at(-1) !== who) holders.push(who);
  }
  const lost = datagrams.filter(({ who }) => who === "-").length;
  const open = from === undefined ? 0 : (inOrder.at(-1)?.sentMs ?? 0) - from;
  return { sent: datagrams.length, lost, outageMs: Math.max(outageMs, open), holders };
}

const PROGRAM = fileURLToPath(new URL("./probe-program.mjs", import.meta.url));
