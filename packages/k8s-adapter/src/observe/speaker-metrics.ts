import { Counter, Gauge, Registry } from "prom-client";
import type { MeasuredPath } from "../bfd/watches.ts";
import type { AddressCounters } from "../dataplane/messages.ts";
import type { Key } from "../domain.ts";
import { BfdMetrics } from "./bfd-metrics.ts";
import { BgpMetrics, type MeasuredSession } from "./bgp-metrics.ts";
import { ProgramMetrics, type WallClock } from "./metrics.ts";
import { OwnershipMetrics } from "./ownership-metrics.ts";

/** How an address is made known; MetalLB's words. */
export type AnnouncingProtocol = "bgp" | "layer2";

/** One address of one Service, announced by this node. */
export interface Announcement {
  readonly service: Key;
  readonly protocol: AnnouncingProtocol;
  readonly ip: string;
}

/** What a speaker measures. */
export class SpeakerMetrics extends ProgramMetrics {
  /** Of who answers for which address. */
  readonly ownership: OwnershipMetrics;
  readonly #node: string;
  readonly #registry: Registry;
  readonly #announced: Gauge<"service" | "protocol" | "node" | "ip">;
  readonly #layer2: Layer2Counters;
  readonly #dataplaneUp: Gauge;
  readonly #dataplaneRestarts: Counter;

  constructor(node: string, now: WallClock) {
    const registry = new Registry();
    super(registry, now);
    this.#node = node;
    this.#registry = registry;
    this.#layer2 = new Layer2Counters(registry);
    this.ownership = new OwnershipMetrics(registry);
    this.#announced = new Gauge({
      name: "metallb_speaker_announced",
      help: "1 for each address of a Service that this node announces.",
      labelNames: ["service", "protocol", "node", "ip"],
      registers: [registry],
    });
    this.#dataplaneUp = new Gauge({
      name: "ingot_dataplane_up",
      help: "1 while the dataplane worker is at work.",
      registers: [registry],
    });
    this.#dataplaneRestarts = new Counter({
      name: "ingot_dataplane_restarts_total",
      help: "Times the dataplane worker died and was started again.",
      registers: [registry],
    });
  }

  announced({ service, protocol, ip }: Announcement): void {
    this.#announced.set({ service, protocol, node: this.#node, ip }, 1);
  }

  /** The series ends. */
  withdrawn({ service, protocol, ip }: Announcement): void {
    this.#announced.remove({ service, protocol, node: this.#node, ip });
  }

  /**
   * Raises the layer 2 counters to what the dataplane worker has counted. The list is the whole of
   * it: the series of an address that is not on it end.
   */
  setAllLayer2(counters: readonly AddressCounters[]): void {
    this.#layer2.setAll(counters);
  }

  /** Measures the BGP sessions that there are whenever metrics are asked for. */
  measureBgp(sessions: () => readonly MeasuredSession[]): void {
    new BgpMetrics(this.#registry, sessions);
  }

  /** Measures what BFD watches over whenever metrics are asked for. */
  measureBfd(paths: () => readonly MeasuredPath[]): void {
    new BfdMetrics(this.#registry, paths);
  }

  setDataplaneUp(up: boolean): void {
    this.#dataplaneUp.set(up ? 1 : 0);
  }

  /** Call it before the new worker's first counts: it counts from zero. */
  countDataplaneRestart(): void {
    this.#dataplaneRestarts.inc();
    this.#layer2.restart();
  }
}

/** Turns absolute counts into counters that never fall, across restarts of who counts. */
class Layer2Counters {
  readonly #requests: Counter<"ip">;
  readonly #responses: Counter<"ip">;
  readonly #gratuitous: Counter<"ip">;
  readonly #conflicts: Counter<"ip">;
  /** What was counted last, for each address that has series. */
  readonly #last = new Map<string, Counts>();

  constructor(registry: Registry) {
    const counter = (name: string, what: string) => layer2Counter(registry, name, what);
    this.#requests = counter("metallb_layer2_requests_received", "Requests received");
    this.#responses = counter("metallb_layer2_responses_sent", "Responses sent");
    this.#gratuitous = counter("metallb_layer2_gratuitous_sent", "Gratuitous packets sent");
    this.#conflicts = counter("ingot_layer2_conflicts_total", "Claims of other hosts seen");
  }

  setAll(counters: readonly AddressCounters[]): void {
    const gone = new Set(this.#last.keys());
    for (const { address, ...counts } of counters) {
      gone.delete(address);
      this.#set(address, counts);
    }
    for (const ip of gone) this.#remove(ip);
  }

  /** The next counts begin at zero. */
  restart(): void {
    for (const ip of this.#last.keys()) this.#last.set(ip, NO_COUNTS);
  }

  #set(ip: string, counts: Counts): void {
    const last = this.#last.get(ip) ?? NO_COUNTS;
    this.#last.set(ip, counts);
    this.#requests.inc({ ip }, increase(last.requestsReceived, counts.requestsReceived));
    this.#responses.inc({ ip }, increase(last.responsesSent, counts.responsesSent));
    this.#gratuitous.inc({ ip }, increase(last.gratuitousSent, counts.gratuitousSent));
    this.#conflicts.inc({ ip }, increase(last.conflicts, counts.conflicts));
  }

  #remove(ip: string): void {
    this.#last.delete(ip);
    for (const counter of [this.#requests, this.#responses, this.#gratuitous, this.#conflicts]) {
      counter.remove({ ip });
    }
  }
}

type Counts = Omit<AddressCounters, "address">;

const NO_COUNTS: Counts = {
  requestsReceived: 0,
  responsesSent: 0,
  gratuitousSent: 0,
  conflicts: 0,
};

/** A count that fell began anew. */
function increase(last: number, count: number): number {
  return count >= last ? count - last : count;
}

function layer2Counter(registry: Registry, name: string, what: string): Counter<"ip"> {
  return new Counter({
    name,
    help: `${what} for an address that this node announces.`,
    labelNames: ["ip"],
    registers: [registry],
  });
}
