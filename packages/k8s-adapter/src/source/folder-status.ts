import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { OWNERSHIP_KEY_NAME, ownershipKeySecret } from "../config/ownership-key.ts";
import { EVACUATE_ANNOTATION } from "../config/project-node.ts";
import { RESERVATIONS_ANNOTATION } from "../config/reservations.ts";
import { speakerLease } from "../config/speaker-lease.ts";
import { type ConfigurationReport, statusOf } from "../configuration-state.ts";
import type { SpeakerInterface } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";
import { isEmpty, type ServiceState, stateFileName, writeState } from "./folder-state.ts";
import { appendLine, removeFile, replaceFile } from "./folder-writer.ts";
import type {
  OwnershipKeyWrite,
  PoolStatus,
  ReservationsWrite,
  ServiceEvent,
  SpeakerLease,
} from "./source.ts";

/** What a {@link StatusFolder} works with. */
export interface StatusFolderOptions {
  readonly directory: string;
  /** Of the speakers' Leases. */
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly logger: Logger;
}

/** The folder that results are written to: one file a Service, one a speaker, and the events. */
export class StatusFolder {
  readonly #options: StatusFolderOptions;
  /** What each node said last, for the goodbye. */
  readonly #said = new Map<string, SpeakerLease>();
  /** Writes are done one after the other, so that none overtakes another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: StatusFolderOptions) {
    this.#options = options;
  }

  /** Where the state of Services is, a file each. */
  get services(): string {
    return join(this.#options.directory, "services");
  }

  /** Where the signs of life are, a file for each node. */
  get speakers(): string {
    return join(this.#options.directory, "speakers");
  }

  /** Where the speakers' key is. */
  get keys(): string {
    return join(this.#options.directory, "keys");
  }

  /** Where nodes say which Services they answer for, a file each. */
  get layer2(): string {
    return join(this.#options.directory, "layer2");
  }

  /** Where nodes say which Services they announce with BGP, a file each. */
  get bgp(): string {
    return join(this.#options.directory, "bgp");
  }

  /** Where it is noted which nodes are evacuated, a file for each. */
  get nodes(): string {
    return join(this.#options.directory, "nodes");
  }

  /** Where the reservations of pools are, a file each. */
  get reservations(): string {
    return join(this.#options.directory, "reservations");
  }

  /** Makes the folders, so that they can be watched before anything is written. */
  prepare(): void {
    try {
      const { services, speakers, keys, layer2, nodes, reservations } = this;
      for (const directory of [services, speakers, keys, layer2, nodes, reservations]) {
        mkdirSync(directory, { recursive: true });
      }
    } catch (error) {
      const { directory, logger } = this.#options;
      logger.warn({ directory, error: textOf(error) }, `status folder ${directory} cannot be made`);
    }
  }

  /** Runs after the writes asked for before. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Writes the state of a Service, or removes the file of an empty one. @throws {Error} */
  async writeState(namespace: string, name: string, state: ServiceState): Promise<void> {
    const file = stateFileName(namespace, name);
    if (isEmpty(state)) await removeFile(this.services, file);
    else await replaceFile(this.services, file, writeState(namespace, name, state));
  }

  /** @throws {Error} when the file cannot be written; the message names it. */
  async writePool({ key, counters }: PoolStatus): Promise<void> {
    const [namespace = "", name = ""] = key.split("/");
    const metadata = { name, namespace };
    const object = {
      apiVersion: METALLB_VERSION,
      kind: "IPAddressPool",
      metadata,
      status: counters,
    };
    await replaceFile(join(this.#options.directory, "pools"), `${name}.yaml`, stringify(object));
  }

  /** An empty list counts, too: it goes before what the manifest says. @throws {Error} */
  async writeReservations({ key, text }: ReservationsWrite): Promise<void> {
    const [namespace = "", name = ""] = key.split("/");
    const metadata = { name, namespace, annotations: { [RESERVATIONS_ANNOTATION]: text } };
    const object = { apiVersion: METALLB_VERSION, kind: "IPAddressPool", metadata };
    await replaceFile(this.reservations, `${name}.yaml`, stringify(object));
  }

  /** @throws {Error} when the file cannot be written or removed; the message names it. */
  async markEvacuated(node: string, evacuated: boolean): Promise<void> {
    const file = nodeFile(node);
    if (!evacuated) {
      await removeFile(this.nodes, file);
      return;
    }
    const annotations = { [EVACUATE_ANNOTATION]: "true" };
    const object = { apiVersion: "v1", kind: "Node", metadata: { name: node, annotations } };
    await replaceFile(this.nodes, file, stringify(object));
  }

  /** For its owner alone to read. @throws {Error} when the file cannot be written; the message names it. */
  async writeKey(keys: OwnershipKeyWrite): Promise<void> {
    const object = ownershipKeySecret(this.#options.namespace, keys);
    await replaceFile(this.keys, `${OWNERSHIP_KEY_NAME}.yaml`, stringify(object), 0o600);
  }

  /** @throws {Error} when the file cannot be written; the message names it. */
  async writeConfiguration(report: ConfigurationReport): Promise<void> {
    const { name, labels } = report;
    const { condition, ...status } = statusOf(report);
    const metadata = { name, namespace: this.#options.namespace, labels };
    const object = {
      apiVersion: METALLB_VERSION,
      kind: "ConfigurationState",
      metadata,
      status: { ...status, conditions: [condition] },
    };
    const folder = join(this.#options.directory, "configuration");
    await replaceFile(folder, `${name}.yaml`, stringify(object));
  }

  /** @throws {Error} when the file cannot be written; the message names it. */
  async renew(lease: SpeakerLease): Promise<void> {
    this.#said.set(lease.node, lease);
    await this.#writeLease(lease, true);
  }

  /** @throws {Error} when the file cannot be written; the message names it. */
  async release(node: string): Promise<void> {
    const lease = this.#said.get(node) ?? { node, durationMs: 0, interfaces: NOWHERE };
    await this.#writeLease(lease, false);
  }

  /** Never rejects. */
  async append(event: ServiceEvent): Promise<void> {
    const { directory, wallClock, logger } = this.#options;
    const line = JSON.stringify({ time: new Date(wallClock()).toISOString(), ...event });
    try {
      await appendLine(join(directory, "events.jsonl"), line, MOST_EVENT_BYTES);
    } catch (error) {
      logger.warn({ ...event, error: textOf(error) }, "an event could not be written");
    }
  }

  async #writeLease(lease: SpeakerLease, held: boolean): Promise<void> {
    const { namespace, wallClock } = this.#options;
    const { node } = lease;
    const file = nodeFile(node);
    const object = speakerLease(namespace, { ...lease, held, renewedMs: wallClock() });
    await replaceFile(this.speakers, file, stringify(object));
  }
}

const METALLB_VERSION = "metallb.io/v1beta1";
const MOST_EVENT_BYTES = 1 << 20;
const NOWHERE: readonly SpeakerInterface[] = [];

/** @throws {Error} when it cannot be one. */
function nodeFile(node: string): string {
  if (FILE_NAME.test(node)) return `${node}.yaml`;
  throw new Error(`node "${node}" cannot be the name of a file`);
}

const FILE_NAME = /^[A-Za-z0-9][\w.-]*$/;
