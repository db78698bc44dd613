import { fileURLToPath } from "node:url";
import type { DnsServer, Prefix, Router } from "@ingot/ndp";
import { type LabNamespace, type LabProcess, until } from "@ingot/testkit";

/** What a listener knows. */
export interface RouterReport {
  readonly routers: readonly Router[];
  readonly prefixes: readonly Prefix[];
  readonly dnsServers: readonly DnsServer[];
  readonly mtu?: number;
  readonly frameCounters: Readonly<Record<string, number>>;
}

interface RouterEvent {
  readonly event: string;
  readonly value: unknown;
}

/** A process that advertises a router on `eth0`, or listens for routers there. */
export class RouterAgent {
  readonly process: LabProcess;

  private constructor(process: LabProcess) {
    this.process = process;
  }

  /** Starts it; the options are the advertiser's or the listener's, but for `linkLocal`. */
  static async start(
    ns: LabNamespace,
    role: "advertise" | "listen",
    options: object = {},
  ): Promise<RouterAgent> {
    const args = [PROGRAM, role, "eth0", JSON.stringify(options)];
    const started = ns.spawn(process.execPath, args);
    await started.waitForLine(/"ready"/, 10_000);
    return new RouterAgent(started);
  }

  /** What was told by events of this name so far. */
  told(name: string): readonly unknown[] {
    const events = this.process.lines.map((line) => JSON.parse(line) as RouterEvent);
    return events.flatMap(({ event, value }) => (event === name ? [value] : []));
  }

  /** All that a listener knows by now. */
  async report(): Promise<RouterReport> {
    const before = this.told("report").length;
    this.process.kill("SIGUSR1");
    const what = "a report of the routers";
    const report = await until(() => this.told("report")[before], { timeoutMs: 5_000, what });
    return report as RouterReport;
  }
}

const PROGRAM = fileURLToPath(new URL("./ndp-router-agent.mjs", import.meta.url));
