import type { Clock } from "../clock.ts";
import type { JsonObject } from "../config/json.ts";
import {
  type FoundStatus,
  foundStatus,
  nodeLabel,
  STATUS_LABELS,
  type StatusProtocol,
  statusName,
  statusObject,
  statusText,
} from "../config/service-status.ts";
import type { Key } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/kube-error.ts";
import { Reflector } from "../kube/reflector.ts";
import type { Logger } from "../observe/log.ts";
import { type StatusWrite, statusWrites } from "../reconcile/status-writes.ts";
import { WorkQueue } from "../work-queue.ts";
import { BelievedStatuses } from "./believed-statuses.ts";
import { reasonOf, statusPlace } from "./kubernetes-kinds.ts";
import type { OwnerReference, OwnPod } from "./own-pod.ts";

/** What a {@link KubernetesServiceStatuses} works with. */
export interface KubernetesServiceStatusesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly namespace: string;
  readonly protocol: StatusProtocol;
  readonly node: string;
  readonly pod: OwnPod;
  /** What each Service lets go first; default nothing. */
  readonly turn?: () => Promise<void>;
}

/** Keeps the objects of one kind by which a node says what it announces; of no other node's. */
export class KubernetesServiceStatuses {
  readonly #options: KubernetesServiceStatusesOptions;
  readonly #collection: string;
  readonly #selector: string;
  readonly #reflector: Reflector<FoundStatus>;
  readonly #queue: WorkQueue;
  readonly #wanted = new Map<Key, readonly string[]>();
  readonly #believed: BelievedStatuses;
  /** Services whose write failed, so that it is said once. */
  readonly #failing = new Set<Key>();
  /** Services that are announced no more. */
  readonly #over = new Set<Key>();
  /** Services of which this program has said what it wants to say. */
  readonly #said = new Set<Key>();
  #cancelComplete: () => void = () => {};
  #isListed = false;
  #isComplete = false;
  #isMissing = false;

  constructor(options: KubernetesServiceStatusesOptions) {
    this.#options = options;
    const { client, clock, random, namespace, protocol, node } = options;
    const place = statusPlace(protocol, namespace);
    this.#collection = place.path;
    this.#selector = `${STATUS_LABELS.node}=${nodeLabel(node)}`;
    this.#queue = new WorkQueue({
      clock,
      random,
      // All nodes may have something to say about a Service at the same time.
      concurrency: protocol === "bgp" ? 1 : 4,
      initialDelayMs: 1_000,
      work: (service) => this.#settle(service).then(() => this.#recovered(service)),
      failed: (service, error) => this.#failed(service, error),
    });
    this.#queue.pause();
    this.#believed = new BelievedStatuses(clock, (service) => this.#queue.add(service));
    this.#reflector = new Reflector<FoundStatus>({
      api: client,
      clock,
      random,
      path: this.#collection,
      labelSelector: this.#selector,
      project: (object) => foundStatus(protocol, node, object),
      listen: (event) => {
        if (event.type === "put") this.#believed.see(event.value.name, event.value);
        else if (event.type === "delete") this.#believed.see(nameOf(event.key), undefined);
        else if (event.type === "synced") this.#listed();
        // That the API server cannot be reached is said of the other kinds.
        else if (event.type === "disconnected" && event.error.status === 404)
          this.#missing(reasonOf(place, event.error));
      },
    });
    this.#reflector.start();
  }

  set(service: Key, places: readonly string[] | undefined): void {
    if (places === undefined) {
      if (this.#wanted.delete(service)) this.#over.add(service);
    } else {
      this.#wanted.set(service, places);
      this.#over.delete(service);
    }
    this.#queue.add(service);
  }

  complete(): void {
    this.#cancelComplete = this.#options.clock.setTimer(LEFTOVER_MS, () => {
      this.#isComplete = true;
      this.#removeLeftovers();
    });
  }

  /** Takes everything back, within about a second; never rejects. */
  async close(): Promise<void> {
    const { client, clock, logger } = this.#options;
    this.#cancelComplete();
    await this.#reflector.close();
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(CLOSE_MS, resolve);
      void this.#queue.close().then(() => {
        cancel();
        resolve();
      });
    });
    this.#believed.close();
    if (this.#wanted.size === 0 && this.#believed.isEmpty) return;
    try {
      await client.request({
        method: "DELETE",
        path: this.#collection,
        query: { labelSelector: this.#selector },
        timeoutMs: CLOSE_MS,
      });
    } catch (error) {
      const fields = { protocol: this.#options.protocol, error: textOf(error) };
      logger.warn(fields, "could not take back what this node says about Services");
    }
  }

  #listed(): void {
    this.#isListed = true;
    this.#isMissing = false;
    this.#removeLeftovers();
    this.#queue.resume();
  }

  #removeLeftovers(): void {
    if (!this.#isListed || !this.#isComplete) return;
    for (const service of this.#believed.services) {
      if (!this.#wanted.has(service)) this.#queue.add(service);
    }
  }

  async #settle(service: Key): Promise<void> {
    await this.#options.turn?.();
    const places = this.#wanted.get(service);
    const found = this.#believed.of(service);
    const isOver = this.#over.delete(service);
    if (places === undefined && found.length === 0) return;
    // Before everything is said once, silence about a Service does not mean that there is nothing.
    if (places === undefined && !this.#isComplete && !isOver) return;
    const { protocol, node, pod } = this.#options;
    const owner = await pod.reference();
    const name = statusName(protocol, node, service);
    // Of several nodes that say they answer, one of them before it crashed, the youngest word is believed.
    const isNews = protocol === "layer2" && !this.#said.has(service);
    const wanted = { name, places, owner: owner?.uid ?? "", isNews };
    for (const write of statusWrites(wanted, found)) await this.#perform(service, write, owner);
    if (places === undefined) this.#said.delete(service);
    else this.#said.add(service);
  }

  async #perform(
    service: Key,
    write: StatusWrite,
    owner: OwnerReference | undefined,
  ): Promise<void> {
    const { protocol, node } = this.#options;
    const owned = owner === undefined ? {} : { ownerReferences: [{ ...owner }] };
    try {
      switch (write.type) {
        case "create":
          await this.#create(service, owned);
          return;
        case "own":
          await this.#patch(service, write.name, "", { metadata: owned });
          return;
        case "tell": {
          const status = statusText(protocol, node, service, write.places);
          await this.#patch(service, write.name, "/status", { status });
          return;
        }
        case "remove": {
          const path = this.#pathOf(write.name);
          await this.#options.client.request({ method: "DELETE", path, timeoutMs: PATIENCE_MS });
          this.#believed.wrote(write.name, service, undefined);
        }
      }
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      // Somebody removed it meanwhile.
      this.#believed.wrote(write.name, service, undefined);
      if (write.type !== "remove") throw error;
    }
  }

  async #create(service: Key, metadata: JsonObject): Promise<void> {
    const { client, namespace, protocol, node } = this.#options;
    const body = statusObject(protocol, { namespace, node, service }, metadata);
    try {
      const answer = await client.post(this.#collection, body, { timeoutMs: PATIENCE_MS });
      this.#learn(service, statusName(protocol, node, service), answer);
    } catch (error) {
      // The answer to an earlier try was lost, or the watch is late: it is there, which will do.
      if (!hasStatus(error, 409)) throw error;
    }
  }

  async #patch(service: Key, name: string, part: string, body: object): Promise<void> {
    const { client } = this.#options;
    const path = `${this.#pathOf(name)}${part}`;
    this.#learn(service, name, await client.patch(path, body, { timeoutMs: PATIENCE_MS }));
  }

  #learn(service: Key, name: string, answer: unknown): void {
    const { protocol, node } = this.#options;
    this.#believed.wrote(name, service, foundStatus(protocol, node, answer));
  }

  #pathOf(name: string): string {
    return `${this.#collection}/${encodeURIComponent(name)}`;
  }

  #recovered(service: Key): void {
    if (!this.#failing.delete(service) || this.#failing.size > 0) return;
    const { logger, protocol } = this.#options;
    logger.info({ protocol }, "the status objects of Services are written again");
  }

  #failed(service: Key, error: unknown): void {
    if (this.#failing.has(service)) return;
    const { logger, protocol } = this.#options;
    if (this.#failing.size === 0) {
      const fields = { service, protocol, error: textOf(error) };
      logger.warn(fields, "could not write the status object of a Service; trying again");
    }
    this.#failing.add(service);
  }

  #missing(reason: string): void {
    if (this.#isMissing) return;
    this.#isMissing = true;
    const { logger, protocol } = this.#options;
    logger.warn({ protocol, reason }, "no status objects of Services are written");
  }
}

/** Who has just started may still have to win what it held before. */
const LEFTOVER_MS = 5_000;
const CLOSE_MS = 1_000;
const PATIENCE_MS = 10_000;

function nameOf(key: Key): string {
  return key.slice(key.indexOf("/") + 1);
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status;
}
