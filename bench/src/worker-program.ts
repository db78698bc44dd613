import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

// Runs a worker as the speaker runs its dataplane, while the main thread idles:
//
//   node worker-program.js WORKER TASK-AS-JSON
//
// Prints what the worker says, a line a message. Ends at SIGTERM, and with an error of the worker.

const [path = "", task = "null"] = process.argv.slice(2);
const worker = new Worker(pathToFileURL(resolve(path)), {
  workerData: JSON.parse(task) as unknown,
  resourceLimits: { maxYoungGenerationSizeMb: 64 },
});
worker.on("message", (line: string) => process.stdout.write(`${line}\n`));
process.once("SIGTERM", () => process.exit());
