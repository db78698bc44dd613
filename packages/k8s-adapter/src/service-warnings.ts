import type { Key, ServiceRecord } from "./domain.ts";
import type { Logger } from "./observe/log.ts";
import type { Warning } from "./reconcile/speaker-warnings.ts";
import type { Source } from "./source/source.ts";

/** Says what is wrong with a Service in the log and in an Event on it, once for as long as it lasts. */
export class ServiceWarnings {
  readonly #source: Pick<Source, "emitEvent">;
  readonly #logger: Logger;
  /** By Service and reason. */
  readonly #told = new Map<Key, Map<string, string>>();

  constructor(source: Pick<Source, "emitEvent">, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  /** What is, or is not, wrong now. */
  set(service: ServiceRecord, { reason, message, over }: Warning): void {
    const told = this.#told.get(service.key);
    if ((told?.get(reason) ?? "") === message) return;
    if (message !== "") {
      this.#told.set(service.key, new Map([...(told ?? []), [reason, message]]));
      this.#logger.warn({ service: service.key, reason }, message);
      this.#emit(service, "Warning", reason, message);
      return;
    }
    told?.delete(reason);
    if (told?.size === 0) this.#told.delete(service.key);
    this.#logger.info({ service: service.key, reason }, over || "no longer wrong");
    if (over !== "") this.#emit(service, "Normal", `${reason}Ended`, over);
  }

  /** The Service is gone. */
  forget(key: Key): void {
    this.#told.delete(key);
  }

  #emit(
    { namespace, name, uid }: ServiceRecord,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
  ): void {
    void this.#source.emitEvent({ namespace, name, uid, type, reason, message });
  }
}
