import { Worker } from "node:worker_threads";
import { JsonLoad } from "../arp/json-load.ts";
import type { SessionReport } from "./session-worker.ts";

// Has BFD sessions in a worker thread, while the main thread idles or parses JSON:
//
//   node session-program.js TASK-AS-JSON quiet|loaded
//
// Prints a report of the sessions as a line of JSON at each SIGUSR1. Ends at SIGTERM.

const [task = "", condition] = process.argv.slice(2);
const worker = new Worker(new URL("./session-worker.js", import.meta.url), {
  workerData: JSON.parse(task) as unknown,
  // As the speaker starts its dataplane.
  resourceLimits: { maxYoungGenerationSizeMb: 64 },
});
worker.on("message", (report: SessionReport) => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
process.on("SIGUSR1", () => worker.postMessage("report"));
process.once("SIGTERM", () => process.exit());
if (condition === "loaded") new JsonLoad().start();
process.stdout.write("started\n");
