import type { Key, ServiceRecord } from "./domain.ts";
import type { Logger } from "./observe/log.ts";
import type { Source } from "./source/source.ts";

/** Says what is wrong with a Service in the log and in an Event on it, once for as long as it lasts. */
export class ServiceWarnings {
  readonly #source: Pick<Source, "emitEvent">;
  readonly #logger: Logger;
  readonly #told = new Map<Key, Map<string, string>>();

  constructor(source: Pick<Source, "emitEvent">, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  /** What is wrong now under this reason; empty: nothing. */
  set(service: ServiceRecord, reason: string, message: string): void {
    const told = this.#told.get(service.key);
    if ((told?.get(reason) ?? "") === message) return;
    if (message === "") {
      told?.delete(reason);
      if (told?.size === 0) this.#told.delete(service.key);
      this.#logger.info({ service: service.key, reason }, "no longer wrong");
      return;
    }
    this.#told.set(service.key, new Map([...(told ?? []), [reason, message]]));
    this.#logger.warn({ service: service.key, reason }, message);
    const { namespace, name, uid } = service;
    void this.#source.emitEvent({ namespace, name, uid, type: "Warning", reason, message });
  }

  /** The Service is gone. */
  forget(key: Key): void {
    this.#told.delete(key);
  }
}
