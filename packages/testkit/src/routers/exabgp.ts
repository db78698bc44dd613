import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { launch } from "../kube/launch.ts";
import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import type { RouterOptions } from "./bird.ts";

/** How ExaBGP is started: it has no table to ask, so it prints what it hears. */
export interface ExaBgpOptions extends RouterOptions {
  /** Where it listens, on port 179; without it, it only dials. */
  readonly listen?: string;
}

/**
 * ExaBGP in a namespace. A neighbor with `api { processes [ lines ]; receive { parsed; update;
 * neighbor-changes; } }` tells what it hears, a line of JSON each, and takes commands.
 */
export class ExaBgp {
  readonly process: LabProcess;
  readonly #heard: string;
  readonly #commands: string;

  private constructor(process: LabProcess, heard: string, commands: string) {
    this.process = process;
    this.#heard = heard;
    this.#commands = commands;
  }

  /** Started again with the same name, it has heard nothing yet. @throws {Error} with the end of its log, when it does not serve. */
  static async start(netns: LabNamespace, options: ExaBgpOptions): Promise<ExaBgp> {
    const { directory, name, config, listen } = options;
    const [file, heard] = [`${directory}/${name}.conf`, `${directory}/${name}.heard`];
    const commands = `${directory}/${name}.commands`;
    const program = `${directory}/${name}.sh`;
    for (const empty of [heard, commands]) writeFileSync(empty, "");
    // ExaBGP gives each line to a program's input, and takes commands from its output. The program
    // ends with ExaBGP: its input does, and the other half reads on only while that one is there.
    writeFileSync(
      program,
      `#!/bin/sh
tail -n +1 -f --pid $$ "${commands}" &
while IFS= read -r line; do printf '%s\\n' "$line" >> "${heard}"; done
`,
      { mode: 0o755 },
    );
    const processes = `process lines {\n  run ${program};\n  encoder json;\n}\n`;
    writeFileSync(file, processes + config);
    const process = await launch(netns, {
      name,
      directory,
      command: "env",
      args: [
        "exabgp.daemon.user=root",
        "exabgp.daemon.drop=false",
        "exabgp.api.cli=false",
        "exabgp.api.ack=false",
        "exabgp.log.level=DEBUG",
        ...(listen === undefined ? [] : [`exabgp.tcp.bind=${listen}`]),
        ...["exabgp", file],
      ],
      ready: ({ lines }) => lines.some((line) => line.includes("loaded new configuration")),
      timeoutMs: 15_000,
    });
    return new ExaBgp(process, heard, commands);
  }

  /** What it has heard so far: its JSON records, oldest first. */
  get heard(): readonly string[] {
    const lines = readFileSync(this.#heard, "utf8").split("\n");
    return lines.filter((line) => line.startsWith("{") && line.endsWith("}"));
  }

  /** Has it do something, such as `announce route …`; what comes of it, its log tells. */
  tell(command: string): void {
    appendFileSync(this.#commands, `${command}\n`);
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    return this.process.stop(signal);
  }
}
