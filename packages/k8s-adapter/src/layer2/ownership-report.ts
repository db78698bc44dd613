import type { Fact } from "@ingot/ownership";
import type { Clock } from "../clock.ts";
import type { OwnershipNews } from "../dataplane/messages.ts";
import type { Key } from "../domain.ts";
import type { Logger } from "../observe/log.ts";
import type { OwnershipMetrics } from "../observe/ownership-metrics.ts";

/** What an {@link OwnershipReport} works with. */
export interface OwnershipReportOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OwnershipMetrics;
  /** The Services that have an address. */
  readonly servicesOf: (address: string) => readonly Key[];
}

/** Says in the log and in metrics what came of ownership. */
export class OwnershipReport {
  readonly #options: OwnershipReportOptions;
  /** When the last hello of a node that is silent came. */
  readonly #silentSince = new Map<string, number>();
  /** Nodes and interfaces by which they are heard. */
  readonly #live = new Set<string>();
  /** Nodes that took leave. */
  readonly #leaving = new Set<string>();
  /** Those whose holder does not answer. */
  readonly #unproven = new Set<string>();
  #toldLateAt = Number.NEGATIVE_INFINITY;

  constructor(options: OwnershipReportOptions) {
    this.#options = options;
  }

  /**
   * Tells what happened.
   *
   * @returns For each Service why it is answered for or no longer, as fields for the log.
   */
  tell({ answering, silenced, facts, at }: OwnershipNews): (key: Key) => Fields {
    const { metrics, servicesOf } = this.#options;
    for (const ip of silenced) metrics.setHolder(ip, false);
    for (const ip of answering) metrics.setHolder(ip, true);
    const causes = new Map<Key, Fields>();
    for (const fact of facts) {
      this.#count(fact, at);
      const cause = causeOf(fact);
      if (cause === undefined || !("address" in fact)) continue;
      for (const key of servicesOf(fact.address)) causes.set(key, cause);
    }
    this.#tellSilence(facts, at);
    for (const fact of facts) this.#say(fact);
    return (key) => causes.get(key) ?? {};
  }

  /** A node took leave: its silence is no surprise. */
  expectSilence(node: string): void {
    this.#leaving.add(node);
  }

  /** The dataplane ended. */
  lose(): void {
    this.#options.metrics.lose();
    this.#live.clear();
    this.#silentSince.clear();
    this.#unproven.clear();
  }

  #count(fact: Fact, at: number): void {
    const { metrics } = this.#options;
    switch (fact.kind) {
      case "claimed": {
        metrics.countClaim(fact.cause);
        const since = this.#silentSince.get(fact.from ?? "");
        const isFailover = fact.cause === "dead" || fact.cause === "backup";
        if (isFailover && since !== undefined) metrics.observeTakeOver(at - since);
        return;
      }
      case "stopped":
        metrics.countStop(fact.cause);
        return;
      case "conflict":
        metrics.countConflict(fact.isKept);
        return;
      case "proven":
      case "silent":
      case "doubled":
        metrics.countProof(fact.kind);
        if (fact.kind !== "doubled") {
          metrics.setReachable(fact.address, fact.holder, fact.kind === "proven");
        }
        return;
      case "peer":
        metrics.setPeerUp(fact.node, fact.interface, fact.state !== "dead");
        if (fact.state === "live") this.#silentSince.delete(fact.node);
        if (fact.state !== "dead") return;
        this.#silentSince.set(fact.node, at - fact.silentMs);
        metrics.observeDetection(fact.silentMs);
        return;
      default:
    }
  }

  /** One line for each node that fell silent, with what was taken over from it. */
  #tellSilence(facts: readonly Fact[], at: number): void {
    const { logger, servicesOf } = this.#options;
    const taken = new Map<string, string[]>();
    for (const fact of facts) {
      if (fact.kind === "peer" && fact.state === "dead") taken.set(fact.node, []);
    }
    for (const fact of facts) {
      if (fact.kind !== "claimed" || fact.from === undefined) continue;
      if (fact.cause !== "dead" && fact.cause !== "backup") continue;
      taken.set(fact.from, [...(taken.get(fact.from) ?? []), fact.address]);
    }
    for (const [node, addresses] of taken) {
      if (addresses.length === 0 && this.#leaving.has(node)) {
        logger.info({ node }, "speaker is gone");
        continue;
      }
      const silentMs = Math.round(at - (this.#silentSince.get(node) ?? at));
      const [address = ""] = addresses;
      const what =
        addresses.length === 1
          ? `, taking over ${address} for ${servicesOf(address).join(", ")}`
          : `, taking over ${addresses.length} addresses`;
      const message = `${node} is silent since ${silentMs} ms${addresses.length > 0 ? what : ""}`;
      logger.warn({ node, silentMs }, message);
    }
  }

  #say(fact: Fact): void {
    const { logger } = this.#options;
    switch (fact.kind) {
      case "peer": {
        const { node, interface: name, state } = fact;
        const way = `${node} ${name}`;
        if (state === "dead") this.#live.delete(way);
        if (state !== "live" || this.#live.has(way)) return;
        this.#live.add(way);
        this.#leaving.delete(node);
        logger.info({ node, interface: name }, "speaker is live");
        return;
      }
      case "silent": {
        const { address, holder } = fact;
        this.#unproven.add(address);
        logger.warn(
          { address, holder },
          `${holder} says hello, but does not answer for ${address}`,
        );
        return;
      }
      case "proven": {
        const { address, holder } = fact;
        if (!this.#unproven.delete(address)) return;
        logger.info({ address, holder }, `${holder} answers for ${address} again`);
        return;
      }
      case "doubled": {
        const { address, holder } = fact;
        const mac = fact.mac
          .toString(16)
          .padStart(12, "0")
          .replace(/..(?!$)/g, "$&:");
        logger.warn(
          { address, holder, mac },
          `${mac} answers for ${address}, too, besides ${holder}`,
        );
        return;
      }
      case "late":
        this.#tellLate(fact);
        return;
      case "unreadable":
        logger.error({ service: fact.group }, `nobody can answer for it: ${fact.text}`);
        return;
      default:
    }
  }

  #tellLate({ lateMs, intervalMs }: Extract<Fact, { kind: "late" }>): void {
    const now = this.#options.clock.now();
    if (now < this.#toldLateAt + LATE_TOLD_EVERY_MS) return;
    this.#toldLateAt = now;
    this.#options.logger.warn(
      { lateMs: Math.round(lateMs), intervalMs },
      "this node was not run in time; its hellos are announced to be further apart for a while",
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;

function causeOf(fact: Fact): Fields | undefined {
  switch (fact.kind) {
    case "claimed":
      return { cause: fact.cause, ...(fact.from !== undefined && { from: fact.from }) };
    case "stopped":
      return { cause: fact.cause, ...(fact.to !== undefined && { to: fact.to }) };
    case "conflict":
      return fact.isKept ? undefined : { cause: "conflict" };
    case "resumed":
      return { cause: "resumed" };
    default:
      return undefined;
  }
}

const LATE_TOLD_EVERY_MS = 10_000;
