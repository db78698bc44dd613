import { setTimeout as sleep } from "node:timers/promises";
import { Bird, type Lab, type LabNamespace } from "@ingot/testkit";
import { wallMs } from "./wall-clock.ts";

/** What a receiver knows of a session. */
export interface ReceiverState {
  readonly established: boolean;
  /** When the session came to be as it is: by the wall clock, in milliseconds. */
  readonly sinceMs: number;
  readonly imported: number;
}

/** When the receiver was seen to have routes; by the wall clock. */
export interface Arrival {
  /** When the session was Established, as the receiver has it. */
  readonly establishedMs: number;
  /** 99 % of them: some senders sit on the last message. */
  readonly mostMs: number;
  readonly allMs: number;
}

/** A BIRD that takes in what its peers announce, and is looked at every 10 ms. */
export class Receiver {
  readonly #bird: Bird;

  private constructor(bird: Bird) {
    this.#bird = bird;
  }

  static async start(lab: Lab, ns: LabNamespace, config: string): Promise<Receiver> {
    const options = { directory: lab.directory, name: ns.name, config };
    return new Receiver(await Bird.start(ns, options));
  }

  async look(sender: string): Promise<ReceiverState> {
    return parseState(await this.#bird.ask(`show protocols all from_${sender}`));
  }

  /** How many sessions are Established. */
  async sessions(): Promise<number> {
    return (await this.#bird.ask("show protocols")).match(/Established/g)?.length ?? 0;
  }

  /** Waits for the session, and returns since when it is Established. */
  async established(sender: string): Promise<number> {
    const { sinceMs } = await this.#watch(sender, ({ established }) => established);
    return sinceMs;
  }

  /** Waits until all these routes are there. */
  async arrived(sender: string, routes: number): Promise<Arrival> {
    let mostMs: number | undefined;
    const { sinceMs } = await this.#watch(sender, ({ established, imported }) => {
      if (established && imported >= 0.99 * routes) mostMs ??= wallMs();
      return established && imported === routes;
    });
    const allMs = wallMs();
    return { establishedMs: sinceMs, mostMs: mostMs ?? allMs, allMs };
  }

  /** Waits until no route of the peer is left, and returns when that was. */
  async emptied(sender: string): Promise<number> {
    await this.#watch(sender, ({ imported }) => imported === 0);
    return wallMs();
  }

  /** Waits until there is no session. */
  async ended(sender: string): Promise<void> {
    await this.#watch(sender, ({ established }) => !established);
  }

  stop(): Promise<void> {
    return this.#bird.stop();
  }

  async #watch(sender: string, done: (state: ReceiverState) => boolean): Promise<ReceiverState> {
    const end = performance.now() + LIMIT_MS;
    for (let next = performance.now(); ; next += POLL_MS) {
      const state = await this.look(sender);
      if (done(state)) return state;
      if (performance.now() > end) {
        throw new Error(`${sender} came no further than ${JSON.stringify(state)}`);
      }
      next = Math.max(next, performance.now() - POLL_MS);
      await sleep(Math.max(0, next + POLL_MS - performance.now()));
    }
  }
}

/** Reads `show protocols all NAME`, with times as `iso long ms`. @throws {Error} when it is something else. */
export function parseState(text: string): ReceiverState {
  const since = /\bBGP\s+\S+\s+\S+\s+(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})/.exec(text);
  if (since === null) throw new Error(`not the state of a BGP session: ${text}`);
  const imported = Array.from(text.matchAll(/Routes:\s+(\d+) imported/g), ([, n]) => Number(n));
  return {
    established: /BGP state:\s+Established/.test(text),
    sinceMs: new Date(`${since[1]}T${since[2]}`).getTime(),
    imported: imported.reduce((sum, n) => sum + n, 0),
  };
}

const POLL_MS = 10;
const LIMIT_MS = 120_000;
