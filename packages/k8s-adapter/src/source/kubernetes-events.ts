import type { Clock } from "../clock.ts";
import { textOf } from "../error-text.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/kube-error.ts";
import type { Logger } from "../observe/log.ts";
import type { ServiceEvent } from "./source.ts";

/** What an {@link EventRecorder} works with. */
export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Numbers in [0, 1), for names. */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly logger: Logger;
  /** Such as `metallb-speaker`. */
  readonly component: string;
  /**
   * How many may wait to be written, before others are dropped; default 10,000. Whoever waits until there
   * is room is told so from half of them on.
   */
  readonly mostWaiting?: number;
  /** What each Event lets go first; default nothing. */
  readonly turn?: () => Promise<void>;
}

/**
 * Writes Events on Services, one after another, so that they never get in the way of what matters more.
 * What is said again within ten minutes is counted on the Event that is there.
 */
export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  /** Oldest first, by what they say. */
  readonly #written = new Map<string, WrittenEvent>();
  readonly #held: (() => void)[] = [];
  #queue: ServiceEvent[] = [];
  /** Of the queue, how many are written. */
  #done = 0;
  #draining: Promise<void> | undefined;
  #crowdedOut = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = { mostWaiting: 10_000, turn: () => Promise.resolve(), ...options };
  }

  /**
   * Resolves as soon as there is room for more, mostly at once. Never rejects: what cannot be written is
   * logged and dropped, as is what comes in too great a crowd.
   */
  emit(event: ServiceEvent): Promise<void> {
    const { mostWaiting } = this.#options;
    if (this.#waiting >= mostWaiting) {
      this.#crowdedOut += 1;
      return Promise.resolve();
    }
    this.#queue.push(event);
    this.#draining ??= this.#drain();
    if (this.#waiting <= mostWaiting / 2) return Promise.resolve();
    return new Promise((resolve) => this.#held.push(resolve));
  }

  /** Resolves when all that was emitted is written or dropped. */
  async flush(): Promise<void> {
    await this.#draining;
  }

  get #waiting(): number {
    return this.#queue.length - this.#done;
  }

  async #drain(): Promise<void> {
    for (let event = this.#queue[0]; event !== undefined; event = this.#queue[this.#done]) {
      // When too many wait, those who wait for room are let through by writing on.
      if (this.#held.length === 0) await this.#options.turn();
      await this.#write(event).catch((error: unknown) => this.#drop(event, textOf(error)));
      this.#done += 1;
      if (this.#done >= TRIMMED) {
        this.#queue.splice(0, this.#done);
        this.#done = 0;
      }
      if (this.#waiting <= this.#options.mostWaiting / 2) this.#held.shift()?.();
    }
    this.#queue = [];
    this.#done = 0;
    this.#draining = undefined;
    for (const resolve of this.#held.splice(0)) resolve();
    this.#tellCrowdedOut();
  }

  async #write(event: ServiceEvent): Promise<void> {
    const now = this.#options.clock.now();
    const saying = JSON.stringify([event.uid, event.type, event.reason, event.message]);
    const before = this.#written.get(saying);
    this.#written.delete(saying);
    if (before !== undefined && now - before.at < SAME_FOR_MS) {
      const count = before.count + 1;
      if (await this.#countAgain(event, before.name, count)) {
        this.#remember(saying, { name: before.name, count, at: now });
        return;
      }
    }
    this.#remember(saying, { name: await this.#create(event), count: 1, at: now });
  }

  /** Answers false when the Event is no longer there. */
  async #countAgain(event: ServiceEvent, name: string, count: number): Promise<boolean> {
    try {
      const path = `${collectionOf(event)}/${encodeURIComponent(name)}`;
      await this.#options.client.patch(path, { count, lastTimestamp: this.#time() });
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return false;
      throw error;
    }
  }

  /** Answers its name. */
  async #create(event: ServiceEvent): Promise<string> {
    const { client, component } = this.#options;
    const name = `${event.name}.${this.#hex()}${this.#hex()}`;
    const time = this.#time();
    const body = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: event.namespace },
      involvedObject: {
        apiVersion: "v1",
        kind: "Service",
        namespace: event.namespace,
        name: event.name,
        uid: event.uid,
      },
      type: event.type,
      reason: event.reason,
      message: event.message.slice(0, LONGEST_MESSAGE),
      source: { component },
      reportingComponent: component,
      reportingInstance: component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    const path = collectionOf(event);
    await client.request({ method: "POST", path, body, isAnswerIgnored: true });
    return name;
  }

  #remember(saying: string, written: WrittenEvent): void {
    this.#written.set(saying, written);
    for (const oldest of this.#written.keys()) {
      if (this.#written.size <= MOST_REMEMBERED) return;
      this.#written.delete(oldest);
    }
  }

  #drop({ namespace, name, reason, message }: ServiceEvent, error: string): void {
    this.#options.logger.warn(
      { service: `${namespace}/${name}`, reason, event: message, error },
      "an event could not be written and is dropped",
    );
  }

  #tellCrowdedOut(): void {
    if (this.#crowdedOut === 0) return;
    this.#options.logger.warn(
      { dropped: this.#crowdedOut },
      "events came faster than they could be written, some were dropped",
    );
    this.#crowdedOut = 0;
  }

  #time(): string {
    return new Date(this.#options.wallClock()).toISOString().replace(/\.\d+Z$/, "Z");
  }

  #hex(): string {
    return Math.floor(this.#options.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
}

interface WrittenEvent {
  readonly name: string;
  readonly count: number;
  /** Of the last time it was said. */
  readonly at: number;
}

/** So many that are written are kept before they are taken out, as that moves all others. */
const TRIMMED = 500;
const SAME_FOR_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;

/** The API server refuses longer ones. */
const LONGEST_MESSAGE = 1_024;

function collectionOf({ namespace }: ServiceEvent): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
}
