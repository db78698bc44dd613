import type { Key, ServiceRecord } from "./domain.ts";
import type { Logger } from "./observe/log.ts";
import type { AnnouncingProtocol, SpeakerMetrics } from "./observe/speaker-metrics.ts";
import type { Source } from "./source/source.ts";

/** What an {@link AnnouncementReport} works with. */
export interface AnnouncementReportOptions {
  readonly source: Pick<Source, "emitEvent">;
  readonly logger: Logger;
  readonly metrics: Pick<SpeakerMetrics, "announced" | "withdrawn">;
  readonly node: string;
}

/** A Service that this node announces otherwise than before. */
export interface AnnouncementChange {
  readonly key: Key;
  /** Undefined when it is gone. */
  readonly service: ServiceRecord | undefined;
  readonly before: readonly string[];
  /** The addresses that are announced now; empty: none. */
  readonly after: readonly string[];
  /** Why none is; otherwise where they are announced. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Says in the log, in metrics and in Events what this node began and ceased to announce. */
export class AnnouncementReport {
  readonly #options: AnnouncementReportOptions;

  constructor(options: AnnouncementReportOptions) {
    this.#options = options;
  }

  tell(protocol: AnnouncingProtocol, change: AnnouncementChange): void {
    const { key, service, before, after, details } = change;
    const { metrics, logger } = this.#options;
    for (const ip of before) {
      if (!after.includes(ip)) metrics.withdrawn({ service: key, protocol, ip });
    }
    for (const ip of after) metrics.announced({ service: key, protocol, ip });
    const ended = after.length === 0;
    const fields = { service: key, addresses: ended ? before : after, ...details };
    logger.info(fields, WORDS[protocol][ended ? "ended" : "began"]);
    if (ended || service === undefined || before.join() === after.join()) return;
    this.#emit(protocol, service);
  }

  #emit(protocol: AnnouncingProtocol, { namespace, name, uid }: ServiceRecord): void {
    const message = `announcing from node "${this.#options.node}" with protocol "${protocol}"`;
    const event = { type: "Normal", reason: "nodeAssigned", message } as const;
    void this.#options.source.emitEvent({ namespace, name, uid, ...event });
  }
}

const WORDS: Readonly<Record<AnnouncingProtocol, { began: string; ended: string }>> = {
  layer2: { began: "answering", ended: "no longer answering" },
  bgp: { began: "announcing routes", ended: "no longer announcing routes" },
};
