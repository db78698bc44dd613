import type { NodeOutput } from "./facts.ts";
import { encodeHello, type Hello } from "./hello.ts";
import type { HelloItem } from "./hello-items.ts";
import type { Keyring } from "./seal.ts";

/** What every hello of a moment says, besides its items. */
export type HelloStamp = Pick<Hello, "intervalMs" | "version" | "isListening">;

/** One interface that hellos leave by. */
export interface Exit {
  readonly interface: string;
  /** Its hardware address. */
  readonly mac: number;
}

/** Numbers and seals datagrams, repeats those that must arrive, and spreads those that are many. */
export class Outbox {
  readonly #node: string;
  readonly #boot: number;
  #sequence = 0;
  #jobs: Job[] = [];
  #deadline = Number.POSITIVE_INFINITY;

  constructor(node: string, boot: number) {
    this.#node = node;
    this.#boot = boot;
  }

  /** When to call {@link takeDue} next. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Queues one datagram for each item, by all interfaces, three times. */
  broadcast(items: readonly HelloItem[], now: number): void {
    for (let time = 0; time < TIMES; time++) this.#queue(items, undefined, now + time * REPEAT_MS);
  }

  /** Queues one datagram for each item, to one endpoint. */
  post(items: readonly HelloItem[], to: Destination, now: number): void {
    this.#queue(items, to, now);
  }

  /** The datagrams that are due. */
  takeDue(exits: readonly Exit[], stamp: HelloStamp, keys: Keyring, now: number): NodeOutput[] {
    if (now < this.#deadline) return [];
    const due = this.#jobs.filter((job) => job.due <= now);
    this.#jobs = this.#jobs.filter((job) => job.due > now);
    this.#deadline = this.#jobs.reduce((least, job) => Math.min(least, job.due), Infinity);
    return due.flatMap((job) =>
      exits
        .filter((exit) => job.to === undefined || job.to.interface === exit.interface)
        .map((exit) => this.seal([job.item], exit, job.to?.endpoint, stamp, keys)),
    );
  }

  /** One datagram. */
  seal(
    items: readonly HelloItem[],
    exit: Exit,
    to: string | undefined,
    stamp: HelloStamp,
    keys: Keyring,
  ): NodeOutput {
    this.#sequence += 1;
    const hello: Hello = {
      ...stamp,
      keyId: keys.id,
      boot: this.#boot,
      sequence: this.#sequence,
      node: this.#node,
      items: [{ type: "mac", mac: exit.mac }, ...items],
    };
    const bytes = keys.seal(encodeHello(hello));
    return { type: "send", interface: exit.interface, to, bytes };
  }

  #queue(items: readonly HelloItem[], to: Destination | undefined, start: number): void {
    for (const [i, item] of items.entries()) {
      const due = start + Math.floor(i / BURST) * BURST_MS;
      this.#jobs.push({ item, to, due });
      this.#deadline = Math.min(this.#deadline, due);
    }
  }
}

/** One node's end on one interface. */
export interface Destination {
  readonly interface: string;
  readonly endpoint: string;
}

interface Job {
  readonly item: HelloItem;
  readonly to: Destination | undefined;
  readonly due: number;
}

const TIMES = 3;
const REPEAT_MS = 20;
const BURST = 32;
const BURST_MS = 5;
