import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { ArpResponder } from "@ingot/arp";
import { LinkMonitor, monotonicClock, openArpSocket } from "@ingot/linux";

/** What this thread is started with: the interface and the address to answer for. */
export interface ResponderTask {
  readonly interface: string;
  readonly address: string;
}

// The thread that answers, as in the product. It says when it does.
const task = workerData as ResponderTask;
const links = await LinkMonitor.open();
const socket = openArpSocket({ interface: task.interface, links, accept: "all" });
const responder = new ArpResponder(socket, monotonicClock);
responder.announce(task.address);
while (!socket.isUp) await sleep(10);
parentPort?.postMessage("ready");
