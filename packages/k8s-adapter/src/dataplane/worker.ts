import { randomInt } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { type ArpSocket, formatMac, macFromBytes } from "@ingot/arp";
import { BfdSpeaker } from "@ingot/bfd";
import {
  bfdSockets,
  type Link,
  LinkMonitor,
  MissingCapabilityError,
  monotonicClock,
  type NdpPort,
  openArpSocket,
  openHelloSocket,
  openNdpSocket,
  selfTest,
} from "@ingot/linux";
import type { NdpSocket } from "@ingot/ndp";
import { subnetOf } from "../address.ts";
import { BfdKeeper } from "../bfd/keeper.ts";
import type { WatchedPath } from "../bfd/path.ts";
import type { SpeakerInterface } from "../domain.ts";
import { textOf } from "../error-text.ts";
import { Announcers, type AnnouncingInterface } from "./announcers.ts";
import { Claims } from "./claims.ts";
import { exclusionOf } from "./exclusion.ts";
import { canAnnounceOn } from "./interfaces.ts";
import { kernelAnswersFor } from "./kernel-answers.ts";
import type {
  DesiredChange,
  DesiredGroup,
  MainMessage,
  WorkerMessage,
  WorkerTask,
} from "./messages.ts";
import { preferThisThread } from "./priority.ts";

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

if (!preferThisThread()) {
  const message = "the dataplane waits for a CPU like anybody else: CAP_SYS_NICE is missing";
  tell({ type: "log", level: "info", fields: {}, message });
}
const { excludedInterfaces, refreshMs, ownership } = workerData as WorkerTask;
await selfTest();
const links = await LinkMonitor.open();
const announcers = new Announcers({
  clock: monotonicClock,
  refreshMs,
  openArp,
  openNdp,
  addressOn,
  conflict: (sighting) => claims.see(sighting),
  answered: (name, address, mac) => claims.answered(name, address, mac),
  failed: (fields, message) => tell({ type: "log", level: "error", fields, message }),
});
const claims = new Claims({
  task: ownership,
  boot: Date.now(),
  clock: monotonicClock,
  random: randomFraction,
  openHello: (name) => openHelloSocket({ interface: name, links, port: ownership.helloPort }),
  answering: announcers,
  tell: (news) => tell({ type: "ownership", news }),
  conflict: (sighting) => tell({ type: "conflict", sighting }),
  left: () => tell({ type: "left" }),
  failed: (fields, message) => tell({ type: "log", level: "warn", fields, message }),
});
const bfd = new BfdSpeaker(bfdSockets(links), monotonicClock, { random: randomFraction });
const keeper = new BfdKeeper({
  open: (options) => bfd.open(options),
  clock: monotonicClock,
  changed: (change) => tell({ type: "path", change }),
  failed: (fields, message) => tell({ type: "log", level: "warn", fields, message }),
});

const wanted = new Map<string, DesiredGroup>();
const complaints = new Map<string, string>();
const excluded = exclusionOf(excludedInterfaces);
let toldInterfaces = "";
let toldKernelAnswers = "";
let toldCounters = "";
let toldPathCounters = "";
let settling = false;

for (const event of ["link", "linkGone", "address", "addressGone", "resynced"] as const) {
  links.on(event, settleSoon);
}
port.on("message", (message: MainMessage) => {
  if (message.type === "desired") desire(message);
  else if (message.type === "watch") watch(message.paths);
  else claims.leave();
});
settle();
tell({ type: "ready" });
monotonicClock.setTimer(COUNTERS_EVERY_MS, tellCounters);

// One change of a link is told as several events; they are taken together.
function settleSoon(): void {
  if (settling) return;
  settling = true;
  monotonicClock.setTimer(0, settle);
}

function desire({ groups, gone, secrets, neighbours }: DesiredChange): void {
  for (const name of gone) wanted.delete(name);
  for (const group of groups) wanted.set(group.name, group);
  claims.setDesired({ groups: [...wanted.values()], secrets, neighbours });
  announcers.move((address) => claims.placesOf(address));
}

function watch(paths: readonly WatchedPath[]): void {
  keeper.setPaths(paths);
  tell({ type: "watching" });
}

/** Discriminators, sequence numbers and nonces are not to be guessed. */
function randomFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

function openArp(name: string): ArpSocket {
  return watched(name, () => openArpSocket({ interface: name, links, accept: "all" }));
}

function openNdp(name: string): NdpSocket {
  return watched(name, () => {
    const port = openNdpSocket({ interface: name, links, accept: "all" });
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
  const usable = usableLinks();
  tellKernelAnswers(usable);
  // Those of unusable links as well: what a port of a bridge sends may be heard on another link.
  announcers.setOwnMacs(macsOf(links.links.values()));
  announcers.setInterfaces(usable.map(announcing));
  claims.setInterfaces(usable.map(({ name }) => name));
  const interfaces = usable.map(describe).sort((a, b) => (a.name < b.name ? -1 : 1));
  const text = JSON.stringify(interfaces);
  if (text === toldInterfaces) return;
  toldInterfaces = text;
  tell({ type: "interfaces", interfaces });
}

function usableLinks(): readonly Link[] {
  return [...links.links.values()].filter((link) => canAnnounceOn(link, excluded));
}

function tellKernelAnswers(usable: readonly Link[]): void {
  const answers = usable.some((link) => kernelAnswersFor(link.name));
  const own = answers ? links.addresses.filter(({ family }) => family === 4) : [];
  const addresses = own.map(({ address }) => address).sort();
  if (addresses.join() === toldKernelAnswers) return;
  toldKernelAnswers = addresses.join();
  tell({ type: "kernelAnswers", addresses });
}

/** The hardware addresses of those that are Ethernet. */
function macsOf(some: Iterable<Link>): readonly string[] {
  const macs = Array.from(some, ({ mac }) => mac).filter(({ length }) => length === 6);
  return macs.map((mac) => formatMac(macFromBytes(mac)));
}

/** Whose answer comes back to this host. */
function addressOn(name: string): string | undefined {
  const link = links.linkNamed(name);
  const own = links.addresses.find(({ index, family }) => index === link?.index && family === 4);
  return own?.address;
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
  const [mac] = macsOf([link]);
  return { name: link.name, subnets: [...subnets].sort(), ...(mac !== undefined && { mac }) };
}

function tellCounters(): void {
  monotonicClock.setTimer(COUNTERS_EVERY_MS, tellCounters);
  tellPathCounters();
  tellOwnershipCounters();
  // The kernel tells nobody when it is told to answer otherwise.
  tellKernelAnswers(usableLinks());
  const counters = announcers.counters();
  const text = JSON.stringify(counters);
  if (text === toldCounters) return;
  toldCounters = text;
  tell({ type: "counters", counters });
}

function tellOwnershipCounters(): void {
  if (claims.isAtWork) tell({ type: "ownershipCounters", counters: claims.counters() });
}

function tellPathCounters(): void {
  const counters = keeper.counters();
  const text = JSON.stringify(counters);
  if (text === toldPathCounters) return;
  toldPathCounters = text;
  tell({ type: "pathCounters", counters });
}
