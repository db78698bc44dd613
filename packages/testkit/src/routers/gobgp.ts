import { writeFileSync } from "node:fs";
import { launch } from "../kube/launch.ts";
import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import type { RouterOptions } from "./bird.ts";

/** GoBGP in a namespace, asked through its own client. */
export class GoBgp {
  readonly process: LabProcess;
  readonly #netns: LabNamespace;

  private constructor(process: LabProcess, netns: LabNamespace) {
    this.process = process;
    this.#netns = netns;
  }

  /** `config` is TOML. One a namespace. @throws {Error} with the end of its log, when it does not serve. */
  static async start(netns: LabNamespace, options: RouterOptions): Promise<GoBgp> {
    const { directory, name, config } = options;
    const file = `${directory}/${name}.toml`;
    writeFileSync(file, config);
    const process = await launch(netns, {
      name,
      directory,
      command: "gobgpd",
      args: ["-f", file, "--api-hosts", API, "--log-plain", "-l", "info"],
      // It answers before it has read its configuration: with AS 0 then.
      ready: async () => /AS:\s+[1-9]/.test((await netns.exec("gobgp", ["global"])).stdout),
      timeoutMs: 15_000,
    });
    return new GoBgp(process, netns);
  }

  /** The answer of `gobgp` to these arguments. */
  async ask(...args: readonly string[]): Promise<string> {
    return (await this.#netns.exec("gobgp", args)).stdout;
  }

  /** As {@link ask}, as JSON. */
  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.ask(...args, "-j"));
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    return this.process.stop(signal);
  }
}

/** Where its client looks by default. */
const API = "127.0.0.1:50051";
