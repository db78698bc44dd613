import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";
import type { SpeakerCall, SpeakerTask, Took } from "./speaker-program.ts";

/** A process with Ingot's speaker. */
export class SpeakerProcess {
  readonly process: LabProcess;
  readonly #socket: Socket;
  readonly #waiting: ((took: Took) => void)[] = [];

  private constructor(process: LabProcess, socket: Socket) {
    this.process = process;
    this.#socket = socket;
    createInterface(socket).on("line", (line) => this.#waiting.shift()?.(JSON.parse(line) as Took));
    // It is about to be stopped; whoever still waits runs out of time.
    socket.on("error", () => {});
  }

  /** @throws {Error} with what it said, when it does not start. */
  static async start(lab: Lab, ns: LabNamespace, task: SpeakerTask): Promise<SpeakerProcess> {
    const path = `${lab.directory}/${ns.name}-${task.asn}-${task.routes}`;
    const started = ns.spawn(process.execPath, [PROGRAM, path, JSON.stringify(task)]);
    await started.waitForLine(/^ready$/, START_MS);
    return new SpeakerProcess(started, connect(path));
  }

  /** Tells it to do something. @throws {Error} when that is not done in time, with what it said. */
  async call(name: SpeakerCall): Promise<Took> {
    const took = new Promise<Took>((resolve) => this.#waiting.push(resolve));
    this.#socket.write(`${name}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const said = () => `${name} was not done in time: ${this.process.lines.join("\n")}`;
      timer = setTimeout(() => reject(new Error(said())), CALL_MS);
    });
    return Promise.race([took, late]).finally(() => clearTimeout(timer));
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await this.process.stop();
  }
}

const PROGRAM = fileURLToPath(new URL("./speaker-program.js", import.meta.url));
const START_MS = 15_000;
const CALL_MS = 60_000;
