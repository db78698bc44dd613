import type { PoolRecord, ServiceRecord } from "../domain.ts";
import { POOL_ANNOTATION } from "../reconcile/allocation.ts";
import { OWNERS_ANNOTATION } from "../reconcile/owners.ts";
import type { TableOptions } from "../table-keeper.ts";
import { ControllerBench, put, putPool, settled } from "./controller-bench.ts";
import {
  advertisementRecord,
  l2StatusRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  speakerRecord,
} from "./records.ts";

/** Nothing out of the ordinary. */
export const OPTIONS: TableOptions = { ignoreExcludeLb: false, evacuateCordoned: false };
/** When it begins, in seconds since 1970. */
export const START_S = 1_000;
/** The pool of all addresses. */
export const lan: PoolRecord = poolRecord("lan", ["10.77.0.1-10.77.0.254"]);

/** A controller in a cluster whose speakers have been there for long, unless it is told otherwise. */
export class TableBench extends ControllerBench {
  constructor(nodes: readonly string[], options = OPTIONS, createdMs = 1) {
    super(options);
    this.wallMs = START_S * 1_000;
    this.loop.lead();
    this.source.tell(putPool(lan));
    this.source.tell({ type: "put", kind: "l2Advertisement", record: advertisementRecord("all") });
    for (const node of nodes) this.speaker(node, { createdMs });
  }

  speaker(node: string, changes: Parameters<typeof speakerRecord>[1] = {}): void {
    const record = speakerRecord(node, { durationMs: 1_000_000, ...changes });
    this.source.tell({ type: "put", kind: "speaker", record });
  }

  node(name: string, changes: Parameters<typeof nodeRecord>[1] = {}): void {
    this.source.tell({ type: "put", kind: "node", record: nodeRecord(name, changes) });
  }

  /** A node says that it answers for Services. */
  async holds(node: string, ...services: readonly string[]): Promise<void> {
    const createdMs = this.clock.now();
    for (const service of services) {
      const record = l2StatusRecord(service, node, { createdMs });
      this.source.tell({ type: "put", kind: "l2Status", record });
    }
    await settled();
  }

  /** Lets time go by second by second, and what follows from it happen. */
  async pass(ms: number): Promise<void> {
    for (const end = this.clock.now() + ms; this.clock.now() < end; ) {
      this.clock.advance(Math.min(100, end - this.clock.now()));
      await settled();
    }
  }

  async start(...services: readonly ServiceRecord[]): Promise<void> {
    this.source.tell(...services.map(put));
    this.source.sync();
    await settled();
  }

  /** The tables that were written since the last call: `web 1000:n1,n2`. */
  written(): readonly string[] {
    return this.source.statuses
      .splice(0)
      .map(({ key, annotations }) => `${key.slice(8)} ${annotations[OWNERS_ANNOTATION] ?? "-"}`);
  }
}

/** A Service that wants an address. */
export function service(name: string, changes: Partial<ServiceRecord> = {}): ServiceRecord {
  return serviceRecord(`default/${name}`, changes);
}

/** A Service that has an address, and perhaps a table. */
export function assigned(
  name: string,
  address: string,
  table?: string,
  annotations: Readonly<Record<string, string>> = {},
): ServiceRecord {
  const owners = table === undefined ? {} : { [OWNERS_ANNOTATION]: table };
  return service(name, {
    ingress: [address],
    annotations: { [POOL_ANNOTATION]: "lan", ...owners, ...annotations },
  });
}
