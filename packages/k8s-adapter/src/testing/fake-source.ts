import type { ConfigurationReport } from "../configuration-state.ts";
import type { Kind, ServiceRecord } from "../domain.ts";
import type { ServiceStatuses } from "../source/service-statuses.ts";
import type {
  OwnershipKeyWrite,
  PoolStatus,
  ReservationsWrite,
  ServiceEvent,
  ServiceStatus,
  Source,
  SourceEvent,
  SpeakerLease,
  WriteResult,
} from "../source/source.ts";
import { keyRecord, nodeRecord } from "./records.ts";

/** A source that tells what a test says, and keeps what was written to it. */
export class FakeSource implements Source {
  readonly description = "fake";
  readonly leaderLease: undefined = undefined;
  /** How often everything was asked for anew. */
  refreshes = 0;
  /** What `refresh` waits for. */
  refreshed: Promise<void> = Promise.resolve();
  readonly statuses: ServiceStatus[] = [];
  readonly poolStatuses: PoolStatus[] = [];
  readonly reservations: ReservationsWrite[] = [];
  /** What the next writes of a pool's status throw. */
  readonly poolAnswers: Error[] = [];
  readonly keyWrites: OwnershipKeyWrite[] = [];
  readonly events: ServiceEvent[] = [];
  readonly reports: (ConfigurationReport | undefined)[] = [];
  readonly leases: SpeakerLease[] = [];
  readonly released: string[] = [];
  /** What a node said about Services, in order. */
  readonly said: string[] = [];
  /** What the next writes answer or throw, in order; then `written`. */
  readonly answers: (WriteResult | Error)[] = [];
  readonly #services = new Map<string, ServiceRecord>();
  #listen: (event: SourceEvent) => void = () => {};
  #kinds: readonly Kind[] = [];

  start(kinds: readonly Kind[], listen: (event: SourceEvent) => void): void {
    this.#kinds = kinds;
    this.#listen = listen;
  }

  tell(...events: readonly SourceEvent[]): void {
    for (const event of events) {
      if (event.type === "put" && event.kind === "service") {
        this.#services.set(event.record.key, event.record);
      }
      if (event.type === "delete" && event.kind === "service") this.#services.delete(event.key);
      this.#listen(event);
    }
  }

  /** Everything is listed now; there is a key for the speakers unless a test said otherwise. */
  sync({ key = true }: { readonly key?: boolean } = {}): void {
    if (key && this.#kinds.includes("ownershipKey")) {
      this.tell({ type: "put", kind: "ownershipKey", record: keyRecord() });
    }
    for (const kind of this.#kinds) this.tell({ type: "synced", kind });
  }

  async refresh(): Promise<void> {
    this.refreshes += 1;
    await this.refreshed;
  }

  async writeServiceStatus(status: ServiceStatus): Promise<WriteResult> {
    const answer = this.answers.shift() ?? "written";
    if (answer instanceof Error) throw answer;
    this.statuses.push(status);
    const service = this.#services.get(status.key);
    if (answer !== "written" || service === undefined) return answer;
    const annotations: Record<string, string> = { ...service.annotations };
    for (const [name, value] of Object.entries(status.annotations)) {
      if (value === null) delete annotations[name];
      else annotations[name] = value;
    }
    const resourceVersion = String(Number(service.resourceVersion) + 1);
    const record = { ...service, annotations, resourceVersion, ingress: status.addresses };
    this.tell({ type: "put", kind: "service", record });
    return answer;
  }

  async writePoolStatus(status: PoolStatus): Promise<WriteResult> {
    const answer = this.poolAnswers.shift();
    if (answer !== undefined) throw answer;
    this.poolStatuses.push(status);
    return "written";
  }

  async markEvacuated(node: string, evacuated: boolean): Promise<void> {
    this.tell({ type: "put", kind: "node", record: nodeRecord(node, { evacuated }) });
  }

  async writeOwnershipKey(write: OwnershipKeyWrite): Promise<WriteResult> {
    const answer = this.answers.shift() ?? "written";
    if (answer instanceof Error) throw answer;
    this.keyWrites.push(write);
    return answer;
  }

  async writeReservations(write: ReservationsWrite): Promise<WriteResult> {
    this.reservations.push(write);
    return "written";
  }

  reportConfiguration(report: ConfigurationReport | undefined): void {
    this.reports.push(report);
  }

  serviceStatuses(): ServiceStatuses {
    return {
      set: (protocol, service, places) => {
        this.said.push(`${protocol} ${service} ${places?.join() ?? "no more"}`);
      },
      complete: () => this.said.push("complete"),
    };
  }

  async emitEvent(event: ServiceEvent): Promise<void> {
    this.events.push(event);
  }

  async renewSpeaker(lease: SpeakerLease): Promise<void> {
    const answer = this.answers.shift();
    if (answer instanceof Error) throw answer;
    this.leases.push(lease);
  }

  async releaseSpeaker(node: string): Promise<void> {
    this.released.push(node);
  }

  async close(): Promise<void> {
    this.#listen = () => {};
  }
}
