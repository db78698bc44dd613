import { readFileSync } from "node:fs";
import type { Io } from "./cli/commands.ts";
import { run } from "./cli/run.ts";
import type { Interruption } from "./cli/supervise.ts";
import { createLogger } from "./observe/pino-logger.ts";

// The process: argv in, exit code out. Everything that can be tested is in `cli/run.ts`.

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readFile,
  createLogger: (level) => createLogger({ level, readable: process.stdout.isTTY }),
  interruptions,
  programs: {
    startController: async (options, logger) =>
      (await import("./controller.ts")).startController(options, logger),
    startSpeaker: async (options, logger) =>
      (await import("./speaker.ts")).startSpeaker(options, logger),
    convert: async (text, namespace) =>
      (await import("./convert/convert.ts")).convert(text, namespace),
    operate: async (order, options, report) =>
      (await import("./operate/operate.ts")).operate(order, options, report),
    crdYaml: async () => (await import("./cli/crds.ts")).crdYaml(),
  },
};

// Whoever reads our output may leave early, as `head` does.
process.stdout.on("error", () => process.exit(1));
const code = await run(process.argv.slice(2), process.env, io);
process.stdout.write("", () => process.exit(code));

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function interruptions(listen: (interruption: Interruption) => void): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => listen({ type: "signal", signal }));
  }
  // Rejections that nobody handles arrive here, too.
  process.on("uncaughtException", (error) => listen({ type: "crash", error }));
}
