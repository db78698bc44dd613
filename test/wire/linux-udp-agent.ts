import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type {
  BfdEchoOptions,
  BfdReceiverOptions,
  BfdSenderOptions,
  EchoVerdict,
} from "@ingot/linux";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";

/** What the process has received, and what it holds. */
export interface UdpReport {
  readonly received: number;
  readonly descriptors: number;
  /** Heap and buffers, after a garbage collection. */
  readonly memoryBytes: number;
}

/** A process with the sockets of BFD, which are called by names. */
export class UdpAgent {
  readonly process: LabProcess;
  readonly #path: string;

  private constructor(process: LabProcess, path: string) {
    this.process = process;
    this.#path = path;
  }

  static async start(lab: Lab, ns: LabNamespace): Promise<UdpAgent> {
    count += 1;
    const path = `${lab.directory}/udp-${count}`;
    const started = ns.spawn(process.execPath, ["--expose-gc", PROGRAM, path]);
    await started.waitForLine(/^ready$/, 10_000);
    return new UdpAgent(started, path);
  }

  async receiver(id: string, options: BfdReceiverOptions): Promise<void> {
    await this.#open(id, "receiver", options);
  }

  /** Its source port. */
  async sender(id: string, options: BfdSenderOptions): Promise<number> {
    return Number((await this.#open(id, "sender", options))["sourcePort"]);
  }

  async echo(id: string, options: BfdEchoOptions & { verdict: EchoVerdict }): Promise<void> {
    await this.#open(id, "echo", options);
  }

  /** The source ports of many senders. */
  async senders(count: number, options: BfdSenderOptions): Promise<readonly number[]> {
    return (await this.#ask({ type: "openMany", count, options }))["ports"] as readonly number[];
  }

  async send(id: string, text: string): Promise<boolean> {
    return (await this.#ask({ type: "send", id, text }))["sent"] === true;
  }

  /** How many packets of 100 octets the system took. */
  async flood(id: string, perSecond: number, seconds: number): Promise<number> {
    return Number((await this.#ask({ type: "flood", id, perSecond, seconds }))["sent"]);
  }

  async close(id: string): Promise<void> {
    await this.#ask({ type: "close", id });
  }

  async report(): Promise<UdpReport> {
    return (await this.#ask({ type: "report" })) as unknown as UdpReport;
  }

  /** The first line it printed that matches. */
  told(pattern: RegExp): Promise<string> {
    return this.process.waitForLine(pattern, 10_000);
  }

  async #open(
    id: string,
    kind: string,
    options: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#ask({ type: "open", id, kind, options });
    if (answer["error"] !== undefined) throw new Error(String(answer["error"]));
    return answer;
  }

  async #ask(request: object): Promise<Readonly<Record<string, unknown>>> {
    const socket = connect(this.#path);
    socket.write(JSON.stringify(request));
    return JSON.parse(await text(socket)) as Record<string, unknown>;
  }
}

const PROGRAM = fileURLToPath(new URL("./linux-udp-agent.mjs", import.meta.url));
let count = 0;
