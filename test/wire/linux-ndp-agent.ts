import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";

/** What the agent is asked to do; `count` addresses follow one another from `address` on. */
export type AgentRequest =
  | { readonly type: "join" | "leave"; readonly address: string; readonly count?: number }
  | { readonly type: "joinGroup"; readonly group: string }
  | { readonly type: "close" };

/** Counters of one port, and what the process holds. */
export interface AgentReport {
  readonly received: number;
  readonly sent: number;
  readonly dropped: number;
  readonly isUp: boolean;
  readonly descriptors: number;
  readonly resyncs: number;
}

/** A process with NDP ports on one interface. */
export class NdpAgent {
  readonly process: LabProcess;
  readonly #path: string;

  private constructor(process: LabProcess, path: string) {
    this.process = process;
    this.#path = path;
  }

  /** Starts it; its first port is opened by the first request that names it. */
  static async start(
    lab: Lab,
    ns: LabNamespace,
    name: string,
    accept: "solicitations" | "all" = "solicitations",
  ): Promise<NdpAgent> {
    count += 1;
    const path = `${lab.directory}/agent-${count}`;
    const started = ns.spawn(process.execPath, [PROGRAM, path, name, accept]);
    await started.waitForLine(/^ready$/, 10_000);
    return new NdpAgent(started, path);
  }

  /** Has it done by the port of this name, which it opens when there is none yet. */
  async do(request: AgentRequest, port = "a"): Promise<void> {
    await this.#ask({ ...request, id: port });
  }

  async report(port = "a"): Promise<AgentReport> {
    return (await this.#ask({ type: "report", id: port })) as AgentReport;
  }

  /** What a port saw so far: the ICMPv6 type, the last octet of the target, and `group` or `one`. */
  seen(port = "a"): readonly string[] {
    return this.process.lines.flatMap((line) => {
      const [, id, type, target, to] = /^(\w) saw (\d+) (\w+) to (\w+)$/.exec(line) ?? [];
      return id === port ? [`${type} ${target?.slice(-2)} ${to}`] : [];
    });
  }

  async #ask(request: object): Promise<unknown> {
    const socket = connect(this.#path);
    socket.write(JSON.stringify(request));
    return JSON.parse(await text(socket));
  }
}

/** How many processes are members of groups on an interface, by group in 32 hexadecimal digits. */
export async function groupUsers(
  ns: LabNamespace,
  name: string,
): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await ns.exec("cat", ["/proc/net/igmp6"]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const mine = rows.filter((row) => row[1] === name);
  return new Map(mine.map(([, , group = "", users = ""]) => [group, Number(users)]));
}

/** The solicited-node group of an address that ends in these six hexadecimal digits. */
export function groupOf(lastDigits: string): string {
  return `ff0200000000000000000001ff${lastDigits}`;
}

/** Sends one packet to an address, which nobody needs to receive: the kernel has to find it first. */
export async function traffic(ns: LabNamespace, address: string): Promise<void> {
  const code = `const s = require("dgram").createSocket("udp6");
    s.send("x", 9, "${address}", () => s.close());`;
  await ns.exec(process.execPath, ["-e", code]);
}

const PROGRAM = fileURLToPath(new URL("./linux-ndp-agent.mjs", import.meta.url));
let count = 0;
