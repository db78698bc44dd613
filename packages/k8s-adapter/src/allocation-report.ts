import type { Key, ServiceRecord } from "./domain.ts";
import type { Logger } from "./observe/log.ts";
import type { AllocationDecision } from "./reconcile/allocation.ts";
import type { Source } from "./source/source.ts";

/** Says in the log and in Events what became of a Service's addresses, each thing once. */
export class AllocationReport {
  readonly #source: Pick<Source, "emitEvent">;
  readonly #logger: Logger;
  /** The last problem told of each Service. */
  readonly #problems = new Map<Key, string>();
  /** The last reason told of each Service that has one family of two. */
  readonly #lacks = new Map<Key, string>();

  constructor(source: Pick<Source, "emitEvent">, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  /** Other addresses were written than were there before. */
  async written(service: ServiceRecord, decision: AllocationDecision): Promise<void> {
    const { addresses = [], pool } = decision.desired ?? {};
    const lost = service.ingress.filter((address) => !addresses.includes(address));
    if (decision.cleared !== "" && lost.length > 0) {
      this.#logger.warn(
        { service: service.key, lost, why: decision.cleared },
        "address taken away",
      );
      const text = `current IP for "${service.key}" not allowed by config, will attempt for new IP assignment: ${decision.cleared}`;
      await this.#emit(service, "Normal", "ClearAssignment", text);
    }
    const added = addresses.filter((address) => !service.ingress.includes(address));
    const [first] = added;
    if (first === undefined) return;
    this.#logger.info({ service: service.key, addresses, pool }, "address assigned");
    const text =
      added.length < addresses.length
        ? `Assigned additional IP ${JSON.stringify(first)}`
        : `Assigned IP ${JSON.stringify(addresses)}`;
    await this.#emit(service, "Normal", "IPAllocated", text);
    for (const name of Object.keys(service.annotations)) {
      if (!name.startsWith("metallb.universe.tf/")) continue;
      const warning = `Service uses deprecated annotation ${name}`;
      await this.#emit(service, "Warning", "deprecatedAnnotation", warning);
    }
  }

  /** What a Service waits for. */
  async decided(service: ServiceRecord, decision: AllocationDecision): Promise<void> {
    const { problem, reason, lacks } = decision;
    if (isNews(this.#problems, service.key, problem)) {
      this.#logger.warn({ service: service.key, problem }, "no address assigned as asked");
      const kept = service.ingress.length > 0 ? `; it keeps ${service.ingress.join(", ")}` : "";
      const what =
        reason === "LoadBalancerFailed"
          ? "invalid requested loadbalancer IPs"
          : `Failed to allocate IP for "${service.key}"`;
      await this.#emit(service, "Warning", reason, `${what}: ${problem}${kept}`);
    }
    if (isNews(this.#lacks, service.key, lacks)) {
      const text = `cannot assign additional IP in PreferDualStack: ${lacks}`;
      await this.#emit(service, "Normal", "AdditionalAssignFailed", text);
    }
  }

  /** The Service is gone. */
  forget(key: Key): void {
    this.#problems.delete(key);
    this.#lacks.delete(key);
  }

  #emit(
    { namespace, name, uid }: ServiceRecord,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
  ): Promise<void> {
    return this.#source.emitEvent({ namespace, name, uid, type, reason, message });
  }
}

/** Remembers what is said; an empty text is nothing to say. */
function isNews(told: Map<Key, string>, key: Key, text: string): boolean {
  if (text === (told.get(key) ?? "")) return false;
  if (text === "") told.delete(key);
  else told.set(key, text);
  return text !== "";
}
