import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { ArpResponder } from "@ingot/arp";
import { LinkMonitor, monotonicClock, openArpSocket } from "@ingot/linux";
import { ipv4Addresses } from "../addresses.ts";

/** What this thread is started with: the interface, and which addresses to announce. */
export interface AnnouncerTask {
  readonly interface: string;
  readonly first: string;
  readonly count: number;
}

// The thread that takes over, with the options that the package has by default. It says when it began
// and when it was done with asking for it, in nanoseconds of the machine's monotonic clock.
const task = workerData as AnnouncerTask;
const addresses = ipv4Addresses(task.first, task.count);
const links = await LinkMonitor.open();
const socket = openArpSocket({ interface: task.interface, links, accept: "all" });
const responder = new ArpResponder(socket, monotonicClock);
while (!socket.isUp) await sleep(10);
const began = process.hrtime.bigint();
for (const address of addresses) responder.announce(address);
parentPort?.postMessage(`announced ${began} ${process.hrtime.bigint()}`);
