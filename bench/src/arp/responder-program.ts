import { Worker } from "node:worker_threads";
import { JsonLoad } from "./json-load.ts";
import type { ResponderTask } from "./responder-worker.ts";

// Answers for an address from a worker thread, while the main thread idles or parses JSON:
//
//   node responder-program.js INTERFACE ADDRESS [loaded]
//
// Prints "ready" when it answers. Ends at SIGTERM, and prints what the load was as a line of JSON.

const [name = "", address = "", condition] = process.argv.slice(2);
const task: ResponderTask = { interface: name, address };
const worker = new Worker(new URL("./responder-worker.js", import.meta.url), {
  workerData: task,
  // As the speaker starts its dataplane.
  resourceLimits: { maxYoungGenerationSizeMb: 64 },
});
const load = condition === "loaded" ? new JsonLoad() : undefined;

// An error of the worker that nobody listens for ends this process, too.
worker.once("message", () => {
  load?.start();
  process.stdout.write("ready\n");
});
process.once("SIGTERM", () => {
  if (load !== undefined) process.stdout.write(`${JSON.stringify(load.stats)}\n`);
  process.exit();
});
