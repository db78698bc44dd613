import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { TcpDialTarget, TcpListenOptions } from "@ingot/linux";
import { type Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";

/** What one connection has seen, and what its process holds. */
export interface TcpReport {
  readonly received: number;
  /** Of everything that was received, in order. */
  readonly digest: number;
  readonly drains: number;
  readonly descriptors: number;
}

/** A process that dials and listens. Names are of its dials, its listeners, and their connections. */
export class TcpAgent {
  readonly process: LabProcess;
  readonly #path: string;

  private constructor(process: LabProcess, path: string) {
    this.process = process;
    this.#path = path;
  }

  /** Starts it, by way of another program if need be. */
  static async start(lab: Lab, ns: LabNamespace, by: readonly string[] = []): Promise<TcpAgent> {
    count += 1;
    const path = `${lab.directory}/tcp-${count}`;
    const [command = process.execPath, ...args] = [...by, process.execPath, PROGRAM, path];
    const started = ns.spawn(command, args);
    await started.waitForLine(/^ready$/, 10_000);
    return new TcpAgent(started, path);
  }

  /** Dials, and waits for the first thing it tells: `connected …` or `failed: …`. */
  async dial(id: string, target: TcpDialTarget, synRetries?: number): Promise<string> {
    await this.startDial(id, target, synRetries);
    return this.told(id, /^(connected|failed)/, 15_000);
  }

  /** Dials, and does not wait, or even cancels in the same tick. */
  async startDial(
    id: string,
    target: TcpDialTarget,
    synRetries?: number,
    cancelled = false,
  ): Promise<void> {
    const { error } = await this.ask({ type: "dial", id, target, synRetries, cancelled });
    if (error !== undefined) throw new Error(String(error));
  }

  /** The port. Its connections are called by its name and a number from 1 on. */
  async listen(id: string, options: TcpListenOptions): Promise<number> {
    const { error, port } = await this.ask({ type: "listen", id, options });
    if (error !== undefined) throw new Error(String(error));
    return Number(port);
  }

  async setKey(
    id: string,
    address: string,
    prefixLength: number,
    password: string | undefined,
  ): Promise<void> {
    const { error } = await this.ask({ type: "setKey", id, address, prefixLength, password });
    if (error !== undefined) throw new Error(String(error));
  }

  async report(id: string): Promise<TcpReport> {
    return (await this.ask({ type: "report", id })) as unknown as TcpReport;
  }

  /** What was told of one of them, the first line that matches, without its name. */
  told(id: string, pattern: RegExp, timeoutMs = 10_000): Promise<string> {
    return until(() => this.lines(id).find((line) => pattern.test(line)), {
      timeoutMs,
      what: `${id} ${pattern}`,
    });
  }

  /** What was told of one of them so far. */
  lines(id: string): readonly string[] {
    return this.process.lines
      .filter((line) => line.startsWith(`${id} `))
      .map((line) => line.slice(id.length + 1));
  }

  async ask(request: object): Promise<Readonly<Record<string, unknown>>> {
    const socket = connect(this.#path);
    socket.write(JSON.stringify(request));
    return JSON.parse(await text(socket)) as Record<string, unknown>;
  }
}

const PROGRAM = fileURLToPath(new URL("./linux-tcp-agent.mjs", import.meta.url));
let count = 0;
