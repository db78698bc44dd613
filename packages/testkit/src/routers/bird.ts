import { writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { launch } from "../kube/launch.ts";
import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";

/** How a router of the lab is started. */
export interface RouterOptions {
  /** Where its configuration, sockets and log go. */
  readonly directory: string;
  /** Distinguishes the routers of one folder; letters, digits and hyphens. */
  readonly name: string;
  /** In the router's own language. */
  readonly config: string;
}

/** BIRD 2 in a namespace, asked over its control socket. */
export class Bird {
  readonly process: LabProcess;
  readonly #socket: string;
  readonly #file: string;

  private constructor(process: LabProcess, socket: string, file: string) {
    this.process = process;
    this.#socket = socket;
    this.#file = file;
  }

  /** @throws {Error} with the end of its log, when it does not serve. */
  static async start(netns: LabNamespace, options: RouterOptions): Promise<Bird> {
    const { directory, name, config } = options;
    const [file, socket] = [`${directory}/${name}.conf`, `${directory}/${name}.ctl`];
    writeFileSync(file, config);
    const process = await launch(netns, {
      name,
      directory,
      command: "bird",
      args: ["-f", "-c", file, "-s", socket],
      ready: () => ask(socket, "show status"),
      timeoutMs: 10_000,
    });
    return new Bird(process, socket, file);
  }

  /** The answer to a command, such as `show protocols all`, without the reply codes. */
  ask(command: string): Promise<string> {
    return ask(this.#socket, command);
  }

  /** Replaces the configuration. @throws {Error} with its answer, when it does not take it. */
  async configure(config: string): Promise<void> {
    writeFileSync(this.#file, config);
    const answer = await this.ask("configure");
    if (!/Reconfigured|Reconfiguration in progress/.test(answer)) throw new Error(answer);
  }

  /** How many routes of one protocol and channel it has imported: `protocol` as configured. */
  async imported(protocol: string): Promise<number> {
    const answer = await this.ask(`show protocols all ${protocol}`);
    const counts = Array.from(answer.matchAll(/Routes:\s+(\d+) imported/g), ([, count]) =>
      Number(count),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Whether a BGP protocol is Established. */
  async established(protocol: string): Promise<boolean> {
    return /BGP state:\s+Established/.test(await this.ask(`show protocols all ${protocol}`));
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    return this.process.stop(signal);
  }
}

/** One command over a connection of its own: a greeting, then lines until one has a final code. */
function ask(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket);
    let text = "";
    const finish = (end: () => void) => {
      connection.destroy();
      end();
    };
    connection.setTimeout(10_000, () => finish(() => reject(new Error(`no answer to ${command}`))));
    connection.setEncoding("utf8");
    connection.on("error", (error) => finish(() => reject(error)));
    connection.on("close", () => reject(new Error(`BIRD hung up on ${command}`)));
    connection.on("connect", () => connection.write(`${command}\n`));
    connection.on("data", (chunk: string) => {
      text += chunk;
      // The greeting is 0001; a code followed by a space (not a hyphen) ends the answer.
      const answer = text.replace(/^0001 .*\n/, "");
      const last = /^([089]\d{3}) (.*)\n$/m.exec(answer);
      if (last === null || !answer.endsWith("\n")) return;
      if (/^[89]/.test(last[1] ?? "")) finish(() => reject(new Error(`${command}: ${last[2]}`)));
      else finish(() => resolve(answer.replaceAll(/^(?:\d{4}[- ]| |\+)/gm, "")));
    });
  });
}
