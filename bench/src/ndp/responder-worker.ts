import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { LinkMonitor, monotonicClock, openNdpSocket } from "@ingot/linux";
import { NdpResponder } from "@ingot/ndp";
import { ipv6Addresses } from "../addresses.ts";

/** What this thread is started with: the interface, and how many addresses to answer for. */
export interface ResponderTask {
  readonly interface: string;
  /** The addresses are this and 1, 2, 3 … */
  readonly prefix: string;
  readonly count: number;
}

// The thread that answers. Unlike in the product, its unsolicited advertisements are over soon: it
// says "ready" when all of them are sent, and the solicited-node groups joined.
const task = workerData as ResponderTask;
const addresses = ipv6Addresses(task.prefix, task.count);
const links = await LinkMonitor.open();
const socket = openNdpSocket({ interface: task.interface, links, accept: "all" });
while (!socket.isUp) await sleep(10);
const responder = new NdpResponder(socket, monotonicClock, {
  unsolicitedForMs: 0,
  framesPerSecond: 2_000,
});
for (const address of addresses) responder.announce(address);
while (tried() < task.count || joinedGroups() < task.count) await sleep(50);
parentPort?.postMessage("ready");

/** A frame that the system did not take is not tried again. */
function tried(): number {
  const { sent, dropped } = socket.stats();
  return sent + dropped;
}

function joinedGroups(): number {
  const lines = readFileSync("/proc/self/net/igmp6", "utf8").split("\n");
  return lines.filter((line) => {
    const [, name, group] = line.trim().split(/\s+/);
    return name === task.interface && group?.startsWith("ff0200000000000000000001ff");
  }).length;
}
