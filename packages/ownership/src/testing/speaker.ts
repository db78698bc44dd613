import type { VirtualClock } from "@ingot/testkit";
import type { OmittedRule } from "../claim.ts";
import type { Fact } from "../facts.ts";
import type { Group } from "../group.ts";
import { type NodeInput, OwnershipNode } from "../node.ts";
import type { OwnershipOptions } from "../options.ts";
import { Keyring } from "../seal.ts";
import type { Lan } from "./lan.ts";

/** What a {@link Speaker} tells the simulation. */
export interface SpeakerEars {
  /** It begins or ends to answer for an address. */
  answering(speaker: Speaker, address: string, isAnswering: boolean): void;
  /** It tells the neighbours that it has an address. */
  gratuitous(speaker: Speaker, address: string): void;
  fact(speaker: Speaker, fact: Fact): void;
  /** It asks as a neighbour would. */
  ask(speaker: Speaker, address: string): void;
  done(speaker: Speaker): void;
}

/** What all speakers of a simulation have in common. */
export interface SpeakerWorld {
  readonly clock: VirtualClock;
  readonly lan: Lan;
  /** A network beside the LAN, on which nothing is announced. */
  readonly management: Lan | undefined;
  readonly random: () => number;
  readonly ears: SpeakerEars;
  readonly omit?: OmittedRule | undefined;
  readonly options?: Partial<OwnershipOptions>;
}

/** One host: an {@link OwnershipNode} with a clock of its own, which can crash, pause and come back. */
export class Speaker {
  readonly name: string;
  readonly mac: number;
  readonly #world: SpeakerWorld;
  readonly #answers = new Set<string>();
  #node: OwnershipNode | undefined;
  #groups: readonly Group[] = [];
  #cancelTimer: () => void = () => {};
  #offset = 0;
  #paused: NodeInput[] | undefined;

  constructor(name: string, mac: number, world: SpeakerWorld) {
    this.name = name;
    this.mac = mac;
    this.#world = world;
    for (const [at, network] of [
      ["eth0", world.lan],
      ["mgmt", world.management],
    ] as const) {
      network?.attach({
        name,
        onDatagram: (from, bytes) => this.feed({ type: "datagram", interface: at, from, bytes }),
      });
    }
  }

  get node(): OwnershipNode | undefined {
    return this.#node;
  }

  get isUp(): boolean {
    return this.#node !== undefined;
  }

  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  /** What neighbours get an answer for: a paused host's kernel drops nothing, but nobody answers. */
  get answers(): ReadonlySet<string> {
    return this.#answers;
  }

  /** Its clock and its run's name differ from everybody else's. */
  start(): void {
    const { random, omit, options } = this.#world;
    this.#offset = Math.floor(random() * 1e9);
    this.#node = new OwnershipNode({
      node: this.name,
      boot: Math.floor(random() * 2 ** 40),
      keys,
      random,
      omit,
      ...options,
    });
    this.feed({ type: "desired", groups: this.#groups });
    this.feed({ type: "up", interface: "eth0", mac: this.mac });
    if (this.#world.management === undefined) return;
    this.feed({ type: "up", interface: "mgmt", mac: this.mac + MANAGEMENT_MAC });
  }

  /** What the API server says reaches it; without a run it is what its disk has at the next start. */
  learn(groups: readonly Group[]): void {
    this.#groups = groups;
    this.feed({ type: "desired", groups });
  }

  crash(): void {
    this.#cancelTimer();
    this.#node = undefined;
    this.#paused = undefined;
    for (const address of [...this.#answers]) this.#setAnswering(address, false);
  }

  pause(): void {
    if (this.#node === undefined) return;
    this.#cancelTimer();
    this.#paused ??= [];
  }

  /** Everything that came in meanwhile was kept by its kernel. */
  resume(): void {
    const kept = this.#paused ?? [];
    this.#paused = undefined;
    for (const input of kept) this.feed(input);
    this.feed({ type: "tick" });
  }

  feed(input: NodeInput): void {
    const node = this.#node;
    if (node === undefined) return;
    if (this.#paused !== undefined) {
      if (input.type !== "tick") this.#paused.push(input);
      return;
    }
    const now = this.#world.clock.now() + this.#offset;
    for (const output of node.handle(input, now)) {
      const { ears, lan, management = lan } = this.#world;
      if (output.type === "send") {
        const network = output.interface === "mgmt" ? management : lan;
        network.send(this.name, output.to, output.bytes);
      } else if (output.type === "start") this.#begin(output.address, output.probe);
      else if (output.type === "stop") this.#setAnswering(output.address, false);
      else if (output.type === "gratuitous") ears.gratuitous(this, output.address);
      else if (output.type === "fact") ears.fact(this, output.fact);
      else if (output.type === "ask") ears.ask(this, output.address);
      else ears.done(this);
    }
    this.#cancelTimer();
    const delay = node.deadline - now;
    this.#cancelTimer = this.#world.clock.setTimer(delay, () => this.feed({ type: "tick" }));
  }

  #begin(address: string, probe: "off" | "optimistic" | "first"): void {
    if (probe !== "first") this.#setAnswering(address, true);
    if (probe === "off") this.#world.ears.gratuitous(this, address);
  }

  #setAnswering(address: string, isAnswering: boolean): void {
    if (isAnswering) this.#answers.add(address);
    else this.#answers.delete(address);
    this.#world.ears.answering(this, address, isAnswering);
  }
}

const keys = new Keyring([Uint8Array.from({ length: 32 }, (_, i) => i)]);
/** What the second hardware address of a node has more than its first. */
const MANAGEMENT_MAC = 0x1_0000;
