import { until } from "@ingot/testkit";
import { programPath, type QuickLan, startProgram } from "./lan.ts";

/** What the client saw when the node that answers changed. */
export interface Takeover {
  readonly node: string;
  /** How long the client was without an answer. */
  readonly gapMs: number;
}

/** Asks an address over and over, and tells who answers. */
export class Probe {
  readonly #seen: Takeover[] = [];
  #read = 0;

  constructor(lan: QuickLan, address: string) {
    const { lab, client } = lan;
    const program = programPath("probe-program.js");
    startProgram(lab, client, "probe", program, [address], (line) => {
      this.#seen.push(JSON.parse(line) as Takeover);
    });
  }

  /**
   * The next change to another node than `node`, since this was last asked.
   *
   * @throws {Error} when none comes in time.
   */
  async leaves(node: string, timeoutMs: number): Promise<Takeover> {
    return until(
      () => {
        const fresh = this.#seen.slice(this.#read);
        const found = fresh.findIndex((seen) => seen.node !== node);
        if (found < 0) return undefined;
        this.#read += found + 1;
        return fresh[found];
      },
      { timeoutMs, what: `another node than ${node || "none"} to answer` },
    );
  }
}

/** The hardware address that the client's kernel has learnt for an address; undefined: none. */
export async function learntMac(lan: QuickLan, address: string): Promise<string | undefined> {
  const { stdout } = await lan.client.exec("ip", ["neighbour", "show", address]);
  return /lladdr (\S+)/.exec(stdout)?.[1];
}

/** One HTTP request of the client: what it read, and which node took it. */
export async function fetchFrom(
  lan: QuickLan,
  address: string,
): Promise<{ readonly body: string; readonly node: string }> {
  const script = `fetch("http://${address}/", { signal: AbortSignal.timeout(2000) }).then(async (r) =>
    console.log(JSON.stringify({ body: (await r.text()).trim(), node: r.headers.get("x-node") })))`;
  const { stdout } = await lan.client.exec(process.execPath, ["-e", script], { timeoutMs: 10_000 });
  return JSON.parse(stdout) as { body: string; node: string };
}
