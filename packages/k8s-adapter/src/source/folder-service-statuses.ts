import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Clock } from "../clock.ts";
import { type StatusProtocol, statusObject, statusText } from "../config/service-status.ts";
import type { Key } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";
import { WorkQueue } from "../work-queue.ts";
import { removeFile, replaceFile } from "./folder-writer.ts";

/** What a {@link FolderServiceStatuses} works with. */
export interface FolderServiceStatusesOptions {
  /** A file a Service and node. */
  readonly directory: string;
  readonly namespace: string;
  readonly protocol: StatusProtocol;
  readonly node: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds since 1970; default that of this machine. */
  readonly wallClock?: () => number;
}

/** Keeps the files of one kind by which a node says what it announces; of no other node's. */
export class FolderServiceStatuses {
  readonly #options: FolderServiceStatusesOptions;
  readonly #queue: WorkQueue;
  readonly #wanted = new Map<Key, readonly string[]>();
  /** Since when this program says something: of two nodes that do, the younger word is believed. */
  readonly #since = new Map<Key, string>();
  #cancelComplete: () => void = () => {};
  #isFailing = false;

  constructor(options: FolderServiceStatusesOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#queue = new WorkQueue({
      clock,
      random: () => 0,
      initialDelayMs: 1_000,
      work: (service) => this.#settle(service),
      failed: (_, error) => {
        if (!this.#isFailing) logger.warn({}, textOf(error));
        this.#isFailing = true;
      },
    });
  }

  set(service: Key, places: readonly string[] | undefined): void {
    if (places === undefined) this.#wanted.delete(service);
    else this.#wanted.set(service, places);
    this.#queue.add(service);
  }

  complete(): void {
    this.#cancelComplete = this.#options.clock.setTimer(LEFTOVER_MS, () => {
      void this.#services().then((services) => {
        for (const service of services) if (!this.#wanted.has(service)) this.#queue.add(service);
      });
    });
  }

  /** Takes everything back; never rejects. */
  async close(): Promise<void> {
    this.#cancelComplete();
    await this.#queue.close();
    const { directory, logger } = this.#options;
    try {
      for (const service of await this.#services())
        await removeFile(directory, this.#file(service));
    } catch (error) {
      logger.warn({}, textOf(error));
    }
  }

  async #settle(service: Key): Promise<void> {
    const { directory, namespace, protocol, node } = this.#options;
    const places = this.#wanted.get(service);
    const file = this.#file(service);
    if (places === undefined) {
      this.#since.delete(service);
      await removeFile(directory, file);
    } else {
      const creationTimestamp = this.#since.get(service) ?? this.#now();
      this.#since.set(service, creationTimestamp);
      const age = protocol === "layer2" ? { creationTimestamp } : {};
      const object = statusObject(protocol, { namespace, node, service }, age);
      const text = stringify({ ...object, status: statusText(protocol, node, service, places) });
      const before = await readFile(join(directory, file), "utf8").catch(() => "");
      if (before !== text) await replaceFile(directory, file, text);
    }
    this.#isFailing = false;
  }

  /** Those that there is a file of this node about. */
  async #services(): Promise<readonly Key[]> {
    const { directory, node } = this.#options;
    const files = await readdir(directory).catch((): string[] => []);
    return files.flatMap((file) => {
      // Neither a namespace nor the name of a Service has a dot.
      const [, namespace, name, of] = /^([^.]+)\.([^.]+)\.(.+)\.yaml$/.exec(file) ?? [];
      return of === node ? [`${namespace}/${name}`] : [];
    });
  }

  #now(): string {
    const { wallClock = Date.now } = this.#options;
    return new Date(wallClock()).toISOString();
  }

  #file(service: Key): string {
    return `${service.replace("/", ".")}.${this.#options.node}.yaml`;
  }
}

/** Who has just started may still have to win what it held before. */
const LEFTOVER_MS = 5_000;
