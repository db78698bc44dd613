import { seededRandom, VirtualClock } from "@ingot/testkit";
import type { OmittedRule } from "../claim.ts";
import type { Fact } from "../facts.ts";
import type { Group } from "../group.ts";
import type { OwnershipOptions } from "../options.ts";
import { order } from "../order.ts";
import { Lan } from "./lan.ts";
import { Speaker } from "./speaker.ts";

/** How a simulated network is made. */
export interface WorldOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly groups: number;
  /** Whether there is a second network, which is always whole. */
  readonly hasManagement?: boolean;
  readonly omit?: OmittedRule | undefined;
  readonly isTraced?: boolean;
  readonly options?: Partial<OwnershipOptions>;
}

/** Who began or ended to answer for an address, and when. */
export interface Shift {
  readonly at: number;
  readonly address: string;
  readonly node: string;
  readonly isAnswering: boolean;
}

/** Speakers on a segment, the API's truth, and a record of who answered when. */
export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly random: () => number;
  readonly lan: Lan;
  readonly speakers: readonly Speaker[];
  readonly shifts: Shift[] = [];
  readonly announced: { readonly at: number; readonly address: string; readonly node: string }[] =
    [];
  readonly facts: { readonly at: number; readonly node: string; readonly fact: Fact }[] = [];
  readonly trace: string[] = [];
  readonly #isTraced: boolean;
  readonly #withoutApi = new Set<string>();
  /** Told to leave: they are done when they say so. */
  readonly #leaving = new Set<string>();
  #groups: readonly Group[];

  constructor(options: WorldOptions) {
    this.random = seededRandom(options.seed);
    this.#isTraced = options.isTraced ?? false;
    this.lan = new Lan(this.clock, seededRandom(options.seed + 0x5eed));
    const { clock, lan, random } = this;
    const management = options.hasManagement
      ? new Lan(clock, seededRandom(options.seed + 0xdead))
      : undefined;
    const world = { clock, lan, management, random, ears: this.#ears(), omit: options.omit };
    this.speakers = Array.from({ length: options.nodes }, (_, i) => {
      const given = options.options;
      return new Speaker(
        `n${i + 1}`,
        0x0200_0000_0001 + i,
        given ? { ...world, options: given } : world,
      );
    });
    this.#groups = Array.from({ length: options.groups }, (_, i) => this.#newGroup(i));
    for (const speaker of this.speakers) speaker.learn(this.#groups);
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  speaker(name: string | undefined): Speaker {
    const found = this.speakers.find((speaker) => speaker.name === name);
    if (found === undefined) throw new RangeError(`no speaker ${name}`);
    return found;
  }

  /** Those that run and are not on their way out. */
  get running(): readonly Speaker[] {
    return this.speakers.filter(({ isUp, name }) => isUp && !this.#leaving.has(name));
  }

  /** Nodes that could answer for a group, in its order, by the API's truth. */
  candidates(group: Group): readonly string[] {
    const running = new Set(this.running.map(({ name }) => name));
    const nodes = order(group.addresses[0] ?? "", group.table, group.eligible);
    return nodes.filter((node) => running.has(node));
  }

  /** Those that answer for an address; a paused one does not. */
  answering(address: string): readonly string[] {
    return this.speakers
      .filter(({ answers, isPaused }) => answers.has(address) && !isPaused)
      .map(({ name }) => name);
  }

  note(text: string): void {
    if (this.#isTraced) this.trace.push(`${this.clock.now().toFixed(1).padStart(9)}  ${text}`);
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  /** The API's truth changes; each speaker learns of it after a while, or when its API is back. */
  decide(groups: readonly Group[], mostLateMs: number): void {
    this.#groups = groups;
    for (const { name } of this.speakers) this.#deliver(name, this.random() * mostLateMs);
  }

  setApi(name: string, isThere: boolean): void {
    if (isThere) this.#withoutApi.delete(name);
    else this.#withoutApi.add(name);
    if (isThere) this.#deliver(name, this.random() * 50);
  }

  start(name: string): void {
    this.#leaving.delete(name);
    const speaker = this.speaker(name);
    if (speaker.isUp) return;
    if (!this.#withoutApi.has(name)) speaker.learn(this.#groups);
    speaker.start();
  }

  leave(name: string): void {
    this.#leaving.add(name);
    this.speaker(name).feed({ type: "shutdown" });
  }

  #deliver(name: string, delayMs: number): void {
    this.clock.setTimer(delayMs, () => {
      if (!this.#withoutApi.has(name)) this.speaker(name).learn(this.#groups);
    });
  }

  #newGroup(index: number): Group {
    const addresses = [`192.0.2.${index + 1}`];
    if (index % 2 === 1) addresses.push(`2001:db8::${index + 1}`);
    const nodes = shuffled(
      this.speakers.map(({ name }) => name),
      this.random,
    );
    return {
      name: `group-${index}`,
      addresses,
      table: { epoch: 1, nodes: nodes.slice(0, 3) },
      eligible: new Map(nodes.map((node) => [node, 0])),
      interfaces: ["eth0"],
    };
  }

  #ears() {
    const at = () => this.clock.now();
    return {
      answering: ({ name: node }: Speaker, address: string, isAnswering: boolean) => {
        this.shifts.push({ at: at(), address, node, isAnswering });
        this.note(`${node} ${isAnswering ? "answers for" : "is silent about"} ${address}`);
      },
      gratuitous: ({ name: node }: Speaker, address: string) => {
        this.announced.push({ at: at(), address, node });
      },
      fact: ({ name: node }: Speaker, fact: Fact) => {
        this.facts.push({ at: at(), node, fact });
        if (this.#isTraced) this.note(`  ${node} ${describe(fact)}`);
      },
      ask: (asker: Speaker, address: string) => {
        for (const node of this.answering(address)) {
          if (this.lan.isCut(asker.name, node) || this.lan.isCut(node, asker.name)) continue;
          const { mac } = this.speaker(node);
          const answer = { type: "answered", interface: "eth0", address, mac } as const;
          this.clock.setTimer(1, () => asker.feed(answer));
        }
      },
      done: (speaker: Speaker) => {
        this.note(`${speaker.name} has handed over and ends`);
        // Not within its own call: what it returned is still being carried out.
        this.clock.setTimer(0, () => speaker.crash());
      },
    };
  }
}

/** The items in another order. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

function describe(fact: Fact): string {
  const { kind, ...rest } = fact;
  return `${kind} ${Object.values(rest).map(String).join(" ")}`;
}
