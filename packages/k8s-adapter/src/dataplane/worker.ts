import { parentPort, workerData } from "node:worker_threads";
import type { ArpSocket } from "@ingot/arp";
import {
  type Link,
  LinkMonitor,
  MissingCapabilityError,
  monotonicClock,
  type NdpPort,
  openArpSocket,
  openNdpSocket,
  selfTest,
} from "@ingot/linux";
import type { NdpSocket } from "@ingot/ndp";
import { subnetOf } from "../address.ts";
import type { SpeakerInterface } from "../domain.ts";
import { textOf } from "../error-text.ts";
import { Announcers, type AnnouncingInterface } from "./announcers.ts";
import { exclusionOf } from "./exclusion.ts";
import { canAnnounceOn } from "./interfaces.ts";
import { kernelAnswersFor } from "./kernel-answers.ts";
import type { DesiredState, WorkerMessage, WorkerTask } from "./messages.ts";

// The dataplane: a thread that knows the links and answers on them, and nothing of Kubernetes. A
// busy main thread cannot make it late.

const COUNTERS_EVERY_MS = 1_000;
/** RT_SCOPE_LINK: a link-local address says nothing about which network the link is on. */
const LINK_SCOPE = 253;

const port = parentPort;
if (port === null) throw new Error("dataplane/worker is a worker thread; it is not run by itself");

function tell(message: WorkerMessage): void {
  port?.postMessage(message);
}

const { excludedInterfaces, arpRefreshMs } = workerData as WorkerTask;
await selfTest();
const links = await LinkMonitor.open();
const announcers = new Announcers({
  clock: monotonicClock,
  arpRefreshMs,
  openArp,
  openNdp,
  conflict: (name, address, mac) => {
    const fields = { interface: name, address, mac };
    tell({ type: "log", level: "warn", fields, message: "another host claims an address, too" });
  },
  failed: (fields, message) => tell({ type: "log", level: "error", fields, message }),
});

const complaints = new Map<string, string>();
const excluded = exclusionOf(excludedInterfaces);
let toldInterfaces = "";
let toldKernelAnswers = "";
let toldCounters = "";
let settling = false;

for (const event of ["link", "linkGone", "address", "addressGone", "resynced"] as const) {
  links.on(event, settleSoon);
}
port.on("message", (message: DesiredState) => announcers.setAnnouncements(message.announcements));
settle();
tell({ type: "ready" });
monotonicClock.setTimer(COUNTERS_EVERY_MS, tellCounters);

// One change of a link is told as several events; they are taken together.
function settleSoon(): void {
  if (settling) return;
  settling = true;
  monotonicClock.setTimer(0, settle);
}

function openArp(name: string): ArpSocket {
  return watched(name, () => openArpSocket({ interface: name, links }));
}

function openNdp(name: string): NdpSocket {
  return watched(name, () => {
    const port = openNdpSocket({ interface: name, links });
    port.onJoinFailed = (error) => complain(name, error, "no multicast group yet, will try again");
    return port;
  });
}

/** Opens a port, and sees to it that what goes wrong with it is told. */
function watched<P extends Pick<NdpPort, "onOpenFailed">>(name: string, open: () => P): P {
  try {
    const port = open();
    port.onOpenFailed = (error) => complain(name, error, "no socket yet, will try again");
    return port;
  } catch (error) {
    if (error instanceof MissingCapabilityError) tell({ type: "unable", reason: error.message });
    throw error;
  }
}

/** Ports try again each second; what they fail with is told when it changes. */
function complain(name: string, error: unknown, message: string): void {
  const complaint = `${message}: ${textOf(error)}`;
  if (complaints.get(name) === complaint) return;
  complaints.set(name, complaint);
  const fields = { interface: name, error: textOf(error) };
  tell({ type: "log", level: "warn", fields, message });
}

function settle(): void {
  settling = false;
  const usable = [...links.links.values()].filter((link) => canAnnounceOn(link, excluded));
  tellKernelAnswers(usable);
  announcers.setInterfaces(usable.map(announcing));
  const interfaces = usable.map(describe).sort((a, b) => (a.name < b.name ? -1 : 1));
  const text = JSON.stringify(interfaces);
  if (text === toldInterfaces) return;
  toldInterfaces = text;
  tell({ type: "interfaces", interfaces });
}

function tellKernelAnswers(usable: readonly Link[]): void {
  const answers = usable.some((link) => kernelAnswersFor(link.name));
  const own = answers ? links.addresses.filter(({ family }) => family === 4) : [];
  const addresses = own.map(({ address }) => address).sort();
  if (addresses.join() === toldKernelAnswers) return;
  toldKernelAnswers = addresses.join();
  tell({ type: "kernelAnswers", addresses });
}

/** As in MetalLB, NDP is spoken where there is a link-local address. */
function announcing(link: Link): AnnouncingInterface {
  const hasLinkLocal = links.addresses.some(
    ({ index, family, scope, tentative }) =>
      index === link.index && family === 6 && scope === LINK_SCOPE && !tentative,
  );
  return { name: link.name, families: hasLinkLocal ? [4, 6] : [4] };
}

function describe(link: Link): SpeakerInterface {
  const subnets = new Set<string>();
  for (const address of links.addresses) {
    if (address.index !== link.index || address.scope === LINK_SCOPE) continue;
    subnets.add(subnetOf(address.address, address.prefixLength));
  }
  return { name: link.name, subnets: [...subnets].sort() };
}

function tellCounters(): void {
  monotonicClock.setTimer(COUNTERS_EVERY_MS, tellCounters);
  const counters = announcers.counters();
  const text = JSON.stringify(counters);
  if (text === toldCounters) return;
  toldCounters = text;
  tell({ type: "counters", counters });
}
