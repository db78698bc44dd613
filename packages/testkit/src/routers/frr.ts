import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { launch } from "../kube/launch.ts";
import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import { run } from "../lab/run.ts";
import type { RouterOptions } from "./bird.ts";

/** Which of FRR's daemons to run beside zebra. */
export interface FrrOptions extends RouterOptions {
  /** By default `bgpd` alone. */
  readonly daemons?: readonly ("bgpd" | "bfdd")[];
}

/** FRR in a namespace, asked through vtysh. Its daemons leave root, so it needs to be started by root. */
export class Frr {
  readonly processes: ReadonlyMap<string, LabProcess>;
  readonly #directory: string;

  private constructor(processes: ReadonlyMap<string, LabProcess>, directory: string) {
    this.processes = processes;
    this.#directory = directory;
  }

  /** @throws {Error} with the end of a daemon's log, when it does not serve. */
  static async start(netns: LabNamespace, options: FrrOptions): Promise<Frr> {
    const { name, config, daemons = ["bgpd"] } = options;
    const directory = `${options.directory}/${name}`;
    mkdirSync(directory, { recursive: true });
    // Its daemons run as frr and make their sockets here.
    chmodSync(options.directory, 0o711);
    await run("chown", ["frr:frr", directory]);
    writeFileSync(`${directory}/vtysh.conf`, "");
    writeFileSync(`${directory}/empty.conf`, "");
    writeFileSync(`${directory}/frr.conf`, config);
    const processes = new Map<string, LabProcess>();
    for (const daemon of ["zebra", ...daemons]) {
      const process = await launch(netns, {
        name: daemon,
        directory,
        command: `/usr/lib/frr/${daemon}`,
        args: [
          ...["--vty_socket", directory, daemon === "bfdd" ? "--bfdctl" : "-z"],
          daemon === "bfdd" ? `${directory}/bfdd.sock` : `${directory}/zserv.api`,
          ...(daemon === "bfdd" ? ["-z", `${directory}/zserv.api`] : []),
          ...["-i", `${directory}/${daemon}.pid`, "-f", `${directory}/empty.conf`],
          // Its telnet port, which nobody needs.
          ...["-P", "0", "--log", "stdout", "--log-level", "info"],
        ],
        ready: () => vtysh(directory, ["-d", daemon, "-c", "show version"]),
        timeoutMs: 15_000,
      });
      processes.set(daemon, process);
    }
    const frr = new Frr(processes, directory);
    await frr.configure(config);
    return frr;
  }

  /** The answer to a command, such as `show bgp summary`. */
  ask(command: string): Promise<string> {
    return vtysh(this.#directory, ["-c", command]);
  }

  /** The answer to a command that ends in `json`. */
  async json(command: string): Promise<unknown> {
    return JSON.parse(await this.ask(`${command} json`));
  }

  /** Adds configuration to what there is. @throws {Error} with the line that it does not take. */
  async configure(config: string): Promise<void> {
    const file = `${this.#directory}/more.conf`;
    writeFileSync(file, config);
    await vtysh(this.#directory, ["-f", file]);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    // zebra last: the others complain when it is gone.
    for (const process of [...this.processes.values()].reverse()) await process.stop(signal);
  }
}

async function vtysh(directory: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run("vtysh", [
    ...["--vty_socket", directory, "--config_dir", directory],
    ...args,
  ]);
  return stdout;
}
