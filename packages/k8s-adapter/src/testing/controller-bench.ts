import { VirtualClock } from "@ingot/testkit";
import { ControllerLoop } from "../controller-loop.ts";
import type { NamespaceRecord, PoolRecord, ServiceRecord } from "../domain.ts";
import { ControllerMetrics } from "../observe/controller-metrics.ts";
import { POOL_ANNOTATION } from "../reconcile/allocation.ts";
import type { SourceEvent } from "../source/source.ts";
import type { TableOptions } from "../table-keeper.ts";
import { FakeSource } from "./fake-source.ts";
import { KeepingLogger } from "./keeping-logger.ts";

/** A controller on a fake source, in virtual time; it neither leads nor follows yet. */
export class ControllerBench {
  readonly source: FakeSource = new FakeSource();
  readonly clock: VirtualClock = new VirtualClock();
  readonly logger: KeepingLogger = new KeepingLogger();
  readonly metrics: ControllerMetrics = new ControllerMetrics(() => 0);
  readonly loop: ControllerLoop;
  isReady = false;
  /** What the clock on the wall said at the start. */
  wallMs = 0;

  /** @param tables How it says who answers; by default it does not. */
  constructor(tables?: TableOptions) {
    const { source, clock, logger, metrics } = this;
    this.loop = new ControllerLoop({
      source,
      clock,
      logger,
      metrics,
      random: () => 0,
      wallClock: () => this.wallMs + clock.now(),
      lbClass: "",
      tables,
      ready: () => {
        this.isReady = true;
      },
    });
  }
}

/** What was written, in order: `default/web 10.0.0.1`. */
export function given(source: FakeSource): readonly string[] {
  return source.statuses.map(({ key, addresses }) => `${key} ${addresses.join(",") || "-"}`);
}

/** A Service is there, or has changed. */
export function put(record: ServiceRecord): SourceEvent {
  return { type: "put", kind: "service", record };
}

/** A pool is there, or has changed. */
export function putPool(record: PoolRecord): SourceEvent {
  return { type: "put", kind: "pool", record };
}

/** A Namespace is there, or has changed. */
export function putNamespace(record: NamespaceRecord): SourceEvent {
  return { type: "put", kind: "namespace", record };
}

/** The Service with an address of the pool `lan` in its status. */
export function holding(service: ServiceRecord, address: string): ServiceRecord {
  return { ...service, ingress: [address], annotations: { [POOL_ANNOTATION]: "lan" } };
}

/** Lets every write that is under way, and what follows from it, happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
