import { parseMac } from "@ingot/arp";
import {
  type Fact,
  Keyring,
  type NodeInput,
  type NodeOutput,
  OwnershipNode,
} from "@ingot/ownership";
import type { Clock } from "../clock.ts";
import { FirstAlone } from "./first-alone.ts";
import { HelloPorts, type HelloSocket } from "./hello-ports.ts";
import type {
  ConflictSighting,
  DesiredGroup,
  DesiredState,
  OwnershipCounters,
  OwnershipNews,
  OwnershipTask,
} from "./messages.ts";

/** What is done on the wire for ownership. */
export interface Answering {
  start(address: string, places: readonly string[], probe: "off" | "optimistic" | "first"): void;
  stop(address: string): void;
  /** Tell the neighbours again. */
  repeat(address: string): void;
  /** Ask who has an address, him who is believed to, or everybody. */
  ask(interfaceName: string, address: string, mac: number | undefined): void;
  /** Hardware addresses of the other speakers, 48-bit numbers. */
  setFellowMacs(macs: readonly number[]): void;
}

/** What {@link Claims} work with. */
export interface ClaimsOptions {
  readonly task: OwnershipTask;
  /** Tells this run from any other: Unix milliseconds at its start. */
  readonly boot: number;
  readonly clock: Clock;
  /** Numbers from 0 to below 1 that nobody can guess. */
  readonly random: () => number;
  readonly openHello: (interfaceName: string) => HelloSocket;
  readonly answering: Answering;
  readonly tell: (news: OwnershipNews) => void;
  /** A host that is no speaker has an address of ours; told again from time to time while it lasts. */
  readonly conflict: (sighting: ConflictSighting) => void;
  /** Everything is handed over. */
  readonly left: () => void;
  readonly failed: (fields: object, message: string) => void;
}

// Until both the groups and a key are known there is no node: nothing is said, and nothing answered.

/**
 * This speaker among the others: an `OwnershipNode` on real sockets and a real clock, whose orders
 * are carried out by {@link Answering}.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #ports: HelloPorts;
  readonly #firstAlone = new FirstAlone();
  readonly #queue: NodeInput[] = [];
  /** Of strangers, the last for each address. */
  readonly #sightings = new Map<
    string,
    { readonly sighting: ConflictSighting; readonly at: number }
  >();
  #node: OwnershipNode | undefined;
  #isDraining = false;
  #cancelTimer: () => void = () => {};
  #armedFor = Number.POSITIVE_INFINITY;
  #interfaces: readonly string[] = [];
  #groups: readonly DesiredGroup[] = [];
  #places: ReadonlyMap<string, readonly string[]> = new Map();
  #secrets: readonly Uint8Array[] = [];
  #fellowMacs = "";
  #liveness = "";
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLeaving = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#ports = new HelloPorts({
      open: options.openHello,
      unicast: options.task.helloUnicast,
      up: (name, mac) => this.#handle({ type: "up", interface: name, mac }),
      down: (name) => this.#handle({ type: "down", interface: name }),
      datagram: (name, from, bytes) =>
        this.#handle({ type: "datagram", interface: name, from, bytes }),
      failed: options.failed,
    });
  }

  /** Whether it has joined the others. */
  get isAtWork(): boolean {
    return this.#node !== undefined;
  }

  /** The interfaces that announce now. */
  setInterfaces(names: readonly string[]): void {
    this.#interfaces = names;
    if (this.#node !== undefined) this.#ports.setInterfaces(names);
  }

  /** Replaces all that is desired. */
  setDesired({ groups, secrets, neighbours }: DesiredState): void {
    this.#ports.setNeighbours(neighbours);
    this.#groups = groups;
    this.#places = placesOf(groups);
    const isNewKey = !isSame(secrets, this.#secrets);
    this.#secrets = secrets;
    if (this.#node === undefined) {
      this.#join();
      return;
    }
    if (isNewKey && secrets.length > 0) this.#handle({ type: "keys", keys: new Keyring(secrets) });
    this.#desire();
  }

  /** Where an address is answered for. */
  placesOf(address: string): readonly string[] {
    return this.#places.get(address) ?? [];
  }

  /** Another host was seen to claim an address that is answered for here. */
  see(sighting: ConflictSighting): void {
    const { address, kept } = sighting;
    const mac = parseMac(sighting.mac);
    if (this.#isFellow(mac)) {
      // Its first claim came before its hardware address was known where claims are looked at.
      this.#look(true);
      if (!kept) this.#options.answering.start(address, this.placesOf(address), "off");
      return;
    }
    const now = this.#options.clock.now();
    const last = this.#sightings.get(address);
    this.#sightings.set(address, { sighting, at: now });
    // The same packet may come by two interfaces.
    if (kept && last !== undefined && now < last.at + ONE_CLAIM_MS) return;
    this.#handle({ type: "foreign", address, mac });
  }

  /** A host answered what was asked. */
  answered(interfaceName: string, address: string, mac: number): void {
    this.#handle({ type: "answered", interface: interfaceName, address, mac });
  }

  /** Hands everything over. */
  leave(): void {
    this.#isLeaving = true;
    if (this.#node === undefined) this.#options.left();
    else this.#handle({ type: "shutdown" });
  }

  counters(): OwnershipCounters {
    const { received, rejected } = this.#node?.counters ?? { received: 0, rejected: [] };
    const peers = Array.from(this.#node?.peers.values() ?? []).flatMap(({ name: node, links }) =>
      Array.from(links, ([name, { link }]) => ({ node, interface: name, ...link.counts })),
    );
    return { received, rejected: [...rejected], peers };
  }

  close(): void {
    this.#cancelTimer();
    this.#ports.close();
    this.#node = undefined;
  }

  #join(): void {
    if (this.#secrets.length === 0 || this.#isLeaving) return;
    const { task, boot, random } = this.#options;
    const { node, helloIntervalMs, helloMultiplier, proof } = task;
    const keys = new Keyring(this.#secrets);
    this.#node = new OwnershipNode({
      node,
      boot,
      keys,
      random,
      helloIntervalMs,
      helloMultiplier,
      proof,
    });
    this.#desire();
    this.#ports.setInterfaces(this.#interfaces);
  }

  #desire(): void {
    const groups =
      this.#options.task.mode === "even"
        ? this.#groups
        : this.#firstAlone.of(this.#groups, (node, interfaces) => this.#isReady(node, interfaces));
    this.#handle({ type: "desired", groups });
  }

  /** Inputs queue up: what is done about one may lead to another. */
  #handle(input: NodeInput): void {
    this.#queue.push(input);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const now = this.#options.clock.now();
        const outputs = this.#node?.handle(next, now) ?? [];
        if (outputs.length > 0) this.#carryOut(outputs, now);
        this.#look(outputs.some(isAboutPeer));
      }
    } finally {
      this.#isDraining = false;
      this.#arm();
    }
  }

  #carryOut(outputs: readonly NodeOutput[], at: number): void {
    const { answering, tell, left } = this.#options;
    const news = { answering: [] as string[], silenced: [] as string[], at, facts: [] as Fact[] };
    for (const output of outputs) {
      switch (output.type) {
        case "send":
          this.#ports.send(output.interface, output.bytes, output.to);
          break;
        case "start":
          answering.start(output.address, this.placesOf(output.address), output.probe);
          if (output.probe !== "first") news.answering.push(output.address);
          break;
        case "stop":
          answering.stop(output.address);
          news.silenced.push(output.address);
          break;
        case "gratuitous":
          answering.repeat(output.address);
          break;
        case "ask":
          answering.ask(output.interface, output.address, output.mac);
          break;
        case "fact":
          if (output.fact.kind === "resumed") news.answering.push(output.fact.address);
          if (output.fact.kind === "stopped") this.#sightings.delete(output.fact.address);
          if (output.fact.kind === "conflict") this.#tellConflict(output.fact);
          news.facts.push(output.fact);
          break;
        case "done":
          left();
          break;
      }
    }
    if (news.answering.length + news.silenced.length + news.facts.length > 0) tell(news);
  }

  /** What others are there, where that matters outside of the node. */
  #look(isNews: boolean): void {
    const now = this.#options.clock.now();
    if (!isNews && now < this.#lookedAt + LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const macs = new Set<number>();
    const liveness: string[] = [];
    for (const { name, links, isListening } of this.#node?.peers.values() ?? []) {
      for (const [where, reach] of links) {
        const { link } = reach;
        for (const mac of reach.macs) macs.add(mac);
        if (link.state !== "dead" && !isListening) liveness.push(`${name} ${where}`);
      }
    }
    const fellowMacs = [...macs].sort().join();
    if (fellowMacs !== this.#fellowMacs) {
      this.#fellowMacs = fellowMacs;
      this.#options.answering.setFellowMacs([...macs]);
    }
    if (this.#options.task.mode === "even" || liveness.join() === this.#liveness) return;
    this.#liveness = liveness.join();
    this.#desire();
  }

  /** Whether a hardware address is another speaker's. */
  #isFellow(mac: number): boolean {
    for (const peer of this.#node?.peers.values() ?? []) if (peer.hasMac(mac)) return true;
    return false;
  }

  #tellConflict({ address, isKept }: Fact & { readonly kind: "conflict" }): void {
    const sighting = this.#sightings.get(address)?.sighting;
    if (sighting !== undefined) this.#options.conflict({ ...sighting, kept: isKept });
  }

  /** Whether a node could take over; this one settles that for itself. */
  #isReady(name: string, interfaces: readonly string[]): boolean {
    if (name === this.#options.task.node) return true;
    const peer = this.#node?.peers.get(name);
    return peer !== undefined && !peer.isListening && peer.isLive(interfaces);
  }

  /** Most inputs leave the deadline alone, and never touch the timer. */
  #arm(): void {
    const deadline = this.#node?.deadline ?? Number.POSITIVE_INFINITY;
    if (deadline === this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    this.#cancelTimer = clock.setTimer(Math.max(0, deadline - clock.now()), () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.#handle({ type: "tick" });
    });
  }
}

/** Longer than a gratuitous request and reply are apart, and one packet on two interfaces. */
const ONE_CLAIM_MS = 500;

/** A peer that has another hardware address, or listens no longer, is no fact. */
const LOOK_EVERY_MS = 20;

function isAboutPeer(output: NodeOutput): boolean {
  return output.type === "fact" && output.fact.kind === "peer";
}

function placesOf(groups: readonly DesiredGroup[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, readonly string[]>();
  for (const group of groups) for (const one of group.addresses) places.set(one, group.places);
  return places;
}

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  if (some.length !== others.length) return false;
  return some.every((secret, i) => {
    const other = others[i];
    return other?.length === secret.length && secret.every((octet, j) => octet === other[j]);
  });
}
