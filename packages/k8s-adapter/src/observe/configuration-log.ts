import type { Kind, ObjectError } from "../domain.ts";
import type { Logger } from "./log.ts";
import type { ProgramMetrics, WallClock } from "./metrics.ts";

/** Tells log and metrics what is wrong with the configuration, and that it was mended, once each. */
export class ConfigurationLog {
  readonly #logger: Logger;
  readonly #metrics: ProgramMetrics;
  readonly #now: WallClock;
  readonly #told = new Map<string, ObjectError>();
  readonly #unreachable = new Set<Kind>();

  constructor(logger: Logger, metrics: ProgramMetrics, now: WallClock) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#now = now;
  }

  /** @param errors All that is wrong now. */
  errors(errors: readonly ObjectError[]): void {
    const now = new Map(errors.map((error) => [JSON.stringify(error), error]));
    const kinds = new Map<Kind, number>();
    for (const { kind } of this.#told.values()) kinds.set(kind, 0);
    for (const { kind } of errors) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const [kind, count] of kinds) this.#metrics.setRejected(kind, count);
    this.#metrics.setConfigLoaded(true);
    this.#metrics.setConfigStale(errors.length > 0);
    for (const [id, error] of now) this.#tell(id, error);
    for (const [id, error] of this.#told) {
      if (now.has(id)) continue;
      this.#told.delete(id);
      this.#logger.info(
        { kind: error.kind, object: error.key },
        `no longer wrong: ${error.message}`,
      );
    }
  }

  connection(kind: Kind, connected: boolean, reason: string): void {
    this.#metrics.setConnected(kind, connected);
    if (connected) {
      if (this.#unreachable.delete(kind)) this.#logger.info({ kind }, "reachable again");
      if (this.#unreachable.size === 0) this.#metrics.setWorldStaleSince(undefined);
      return;
    }
    if (this.#unreachable.has(kind)) return;
    if (this.#unreachable.size === 0) this.#metrics.setWorldStaleSince(this.#now());
    this.#unreachable.add(kind);
    this.#logger.warn({ kind, reason }, "cannot be reached; going on with what is known");
  }

  #tell(id: string, error: ObjectError): void {
    if (this.#told.has(id)) return;
    this.#told.set(id, error);
    const { kind, key: object, field, message } = error;
    const effect = "its last good form, if any, stays in force";
    this.#logger.error({ kind, object, field }, `${message}; ${effect}`);
  }
}
