// Starts worker threads that hold sockets, and ends them in the given way, one after the other:
//   node linux-workers.mjs INTERFACE terminate|exit|throw|closing COUNT
// Prints the number of open descriptors after the first and after the last; the process must live.
import { readdirSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { LinkMonitor, openArpSocket, selfTest } from "@ingot/linux";

if (isMainThread) {
  const [name, way, count] = process.argv.slice(2);
  for (let i = 1; i <= Number(count); i += 1) {
    const failure = await runWorker(name, way);
    if (i !== 1 && i !== Number(count)) continue;
    console.log(JSON.stringify({ i, descriptors: await settledDescriptors(), failure }));
  }
} else {
  const { name, way } = workerData;
  await selfTest();
  const links = await LinkMonitor.open();
  const ports = Array.from({ length: 4 }, () => openArpSocket({ interface: name, links }));
  for (const port of ports) {
    if (!port.isUp) await new Promise((resolve) => (port.onUp = resolve));
  }
  if (way === "closing") for (const port of ports) port.close();
  parentPort.postMessage("ready to end");
  if (way === "exit") process.exit(0);
  if (way === "throw") throw new Error("thrown");
}

/** The number of open descriptors, once it has not changed for half a second: closing takes a while. */
async function settledDescriptors() {
  let [count, looks] = [-1, 0];
  while (looks < 10) {
    const now = readdirSync("/proc/self/fd").length;
    looks = now === count ? looks + 1 : 0;
    count = now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return count;
}

/** Resolves to the message of the error that the worker ended with, if any. */
function runWorker(name, way) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { name, way } });
  let failure;
  return new Promise((resolve) => {
    worker.on("message", () => {
      if (way === "terminate" || way === "closing") worker.terminate();
    });
    worker.on("error", (error) => {
      failure = error.message;
    });
    worker.on("exit", () => resolve(failure));
  });
}
