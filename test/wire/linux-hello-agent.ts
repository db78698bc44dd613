import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { HelloPortStats } from "@ingot/linux";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";

/** Where everybody says hello. */
export const PORT = 7_472;

/** A hello socket's counters, and what its process has used. */
export interface HelloReport extends HelloPortStats {
  readonly isUp: boolean;
  readonly descriptors: number;
  readonly cpuMs: number;
}

/** A process with a hello socket on `eth0`. */
export class HelloAgent {
  readonly process: LabProcess;
  readonly #path: string;

  private constructor(process: LabProcess, path: string) {
    this.process = process;
    this.#path = path;
  }

  /** @param wrapper a command that runs it, such as one that takes rights away. */
  static async start(
    lab: Lab,
    ns: LabNamespace,
    wrapper: readonly string[] = [],
  ): Promise<HelloAgent> {
    count += 1;
    const path = `${lab.directory}/hello-${count}`;
    const command = [...wrapper, process.execPath, AGENT, path, "eth0", `${PORT}`];
    const started = ns.spawn(command[0] ?? "", command.slice(1));
    await started.waitForLine(/^ready$/, 10_000);
    return new HelloAgent(started, path);
  }

  async send(text: string, to?: string): Promise<boolean> {
    const answer = await ask(this.#path, { type: "send", text, to });
    if (answer["error"] !== undefined) throw new Error(String(answer["error"]));
    return answer["sent"] === true;
  }

  async flood(perSecond: number, seconds: number): Promise<void> {
    await ask(this.#path, { type: "flood", perSecond, seconds });
  }

  async close(): Promise<void> {
    await ask(this.#path, { type: "close" });
  }

  async report(): Promise<HelloReport> {
    return (await ask(this.#path, { type: "report" })) as unknown as HelloReport;
  }

  /** The lines that it printed and that match. */
  told(pattern: RegExp): readonly string[] {
    return this.process.lines.filter((line) => pattern.test(line));
  }
}

/** What a speaker knows and does. */
export interface SpeakerReport {
  readonly answering: readonly string[];
  readonly holder: string | undefined;
  /** By name: live, suspect or dead. */
  readonly peers: Readonly<Record<string, string>>;
  readonly received: number;
  /** By reason. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly stats: HelloPortStats;
}

/** Who a speaker is, and what it is to share out. */
export interface SpeakerOptions {
  readonly node: string;
  readonly secret: string;
  readonly addresses: readonly string[];
  readonly table: string;
  readonly eligible: readonly string[];
}

/** A process with an ownership node that says hello on `eth0`. */
export class HelloSpeaker {
  readonly process: LabProcess;
  readonly #path: string;

  private constructor(process: LabProcess, path: string) {
    this.process = process;
    this.#path = path;
  }

  static async start(lab: Lab, ns: LabNamespace, options: SpeakerOptions): Promise<HelloSpeaker> {
    count += 1;
    const path = `${lab.directory}/speaker-${count}`;
    const json = JSON.stringify({ ...options, interface: "eth0", port: PORT });
    const started = ns.spawn(process.execPath, [SPEAKER, path, json]);
    await started.waitForLine(/^ready$/, 10_000);
    return new HelloSpeaker(started, path);
  }

  async report(): Promise<SpeakerReport> {
    return (await ask(this.#path, {})) as unknown as SpeakerReport;
  }

  /** The times of day at which it began to answer for an address, or stopped. */
  times(type: "start" | "stop", address: string): readonly number[] {
    return this.process.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { type: string; address?: string; at: number })
      .filter((output) => output.type === type && output.address === address)
      .map(({ at }) => at);
  }
}

/** One datagram to a group or to one host; `by` is what Node wants to know the interface by. */
export interface RawHello {
  readonly to: string;
  readonly by: string;
  readonly ttl: number;
  readonly text: string;
}

/** Sends datagrams one after the other, by sockets of Node's own. */
export async function sendRaw(ns: LabNamespace, hellos: readonly RawHello[]): Promise<void> {
  const code = `const { createSocket } = require("dgram");
    const send = ([{ to, by, ttl, text } = {}, ...rest]) => {
      if (to === undefined) return;
      const socket = createSocket(to.includes(":") ? "udp6" : "udp4");
      socket.bind(0, () => {
        socket.setTTL(ttl);
        socket.setMulticastTTL(ttl);
        socket.setMulticastInterface(by);
        socket.send(text, ${PORT}, to, () => {
          socket.close();
          send(rest);
        });
      });
    };
    send(${JSON.stringify(hellos)});`;
  await ns.exec(process.execPath, ["-e", code]);
}

async function ask(path: string, request: object): Promise<Readonly<Record<string, unknown>>> {
  const socket = connect(path);
  socket.write(JSON.stringify(request));
  return JSON.parse(await text(socket)) as Record<string, unknown>;
}

const AGENT = fileURLToPath(new URL("./linux-hello-agent.mjs", import.meta.url));
const SPEAKER = fileURLToPath(new URL("./linux-hello-speaker.mjs", import.meta.url));
let count = 0;
