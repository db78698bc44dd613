import { AssignmentRecord, VirtualClock } from "@ingot/testkit";
import type { Key, ServiceRecord } from "../domain.ts";
import type { LeaseState, LeaseWrite } from "../leadership.ts";
import type { ServiceStatus, SourceEvent, WriteResult } from "../source/source.ts";
import { namespaceRecord, poolRecord, serviceRecord } from "./records.ts";
import { Replica } from "./replica.ts";

/**
 * Controllers that share a Lease, over an API in virtual time: requests and watches are late, answers are
 * lost, the API goes away for a while, and controllers are killed or freeze. It records what addresses
 * Services have, in the order in which the API came to know.
 */
export class AssignmentWorld {
  readonly record: AssignmentRecord = new AssignmentRecord();
  readonly clock: VirtualClock = new VirtualClock();
  readonly #random: () => number;
  readonly #services = new Map<Key, ServiceRecord>();
  readonly #replicas = new Set<Replica>();
  #trouble = true;
  #lease: LeaseState | undefined;
  #version = 0;
  #created = 0;
  #backAt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Starts another controller. */
  start(): void {
    const replica: Replica = new Replica(this, `c${this.#created++}`);
    this.#replicas.add(replica);
  }

  /** Kills the one that acts, or one that does not if nobody does; nothing of it comes any more. */
  kill(): void {
    const all = [...this.#replicas];
    const victim = all.find(({ isActing }) => isActing) ?? all[0];
    if (victim === undefined) return;
    victim.kill();
    this.#replicas.delete(victim);
  }

  /** Lets the one that acts do nothing for a while, and then find everything that happened. */
  freeze(ms: number): void {
    for (const replica of this.#replicas) if (replica.isActing) replica.freeze(ms);
  }

  /** Nobody reaches the API for a while. */
  outage(ms: number): void {
    this.#backAt = this.clock.now() + ms;
  }

  /** From now on everything is quick, and nothing is lost. */
  calm(): void {
    this.#trouble = false;
  }

  createService(): void {
    this.#created += 1;
    const key = `default/s${this.#created}`;
    this.#put(serviceRecord(key, { uid: `uid of ${key}`, createdMs: this.clock.now() }));
  }

  deleteService(): void {
    const keys = [...this.#services.keys()];
    const service = this.#services.get(keys[this.#upTo(keys.length)] ?? "");
    if (service === undefined) return;
    this.#services.delete(service.key);
    this.record.delete(seen(service));
    this.#tell({ type: "delete", kind: "service", key: service.key });
  }

  /** Lets time pass, and everything happen that follows from it. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    while (this.clock.now() < end) {
      this.clock.advance(STEP_MS);
      for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
    }
  }

  /** What a watch begins with. */
  get snapshot(): readonly SourceEvent[] {
    return [
      { type: "put", kind: "namespace", record: namespaceRecord("default") },
      { type: "put", kind: "pool", record: poolRecord("lan", ["10.0.0.0/20"]) },
      ...[...this.#services.values()].map(
        (record): SourceEvent => ({ type: "put", kind: "service", record }),
      ),
    ];
  }

  get isAway(): boolean {
    return this.clock.now() < this.#backAt;
  }

  /** How long something is on its way. */
  latencyMs(): number {
    if (!this.#trouble || this.#random() < 0.9) return 1 + this.#upTo(20);
    return this.#upTo(1_500);
  }

  /** Whether an answer never comes, though what was asked for is done. */
  isLost(): boolean {
    return this.#trouble && this.#random() < 0.05;
  }

  readLease(): LeaseState | undefined {
    return this.#lease;
  }

  writeLease(write: LeaseWrite): LeaseState | undefined {
    if (write.version !== this.#lease?.version) return undefined;
    this.#version += 1;
    const { holder, durationMs, transitions } = write;
    const version = `${this.#version}`;
    this.#lease = { holder, durationMs, transitions, version, renewal: version };
    for (const replica of this.#replicas) replica.observe(this.#lease);
    return this.#lease;
  }

  writeStatus({ key, resourceVersion, addresses, annotations }: ServiceStatus): WriteResult {
    const service = this.#services.get(key);
    if (service === undefined) return "gone";
    if (service.resourceVersion !== resourceVersion) return "conflict";
    const kept = { ...service.annotations, ...annotations };
    const set = Object.entries(kept).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    );
    this.#put({ ...service, ingress: addresses, annotations: Object.fromEntries(set) });
    return "written";
  }

  #put(service: ServiceRecord): void {
    this.#version += 1;
    const record = { ...service, resourceVersion: `${this.#version}` };
    this.#services.set(record.key, record);
    this.record.put(seen(record));
    this.#tell({ type: "put", kind: "service", record });
  }

  #tell(event: SourceEvent): void {
    for (const replica of this.#replicas) replica.tell(event);
  }

  #upTo(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

const STEP_MS = 2;
/** Of the queue of promises, in which everything that follows from a step has happened. */
const TURNS = 30;

function seen({ name, namespace, uid, ingress }: ServiceRecord) {
  return {
    metadata: { name, namespace, uid },
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
  };
}
