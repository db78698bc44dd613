import type { Clock } from "../clock.ts";
import type { Projected } from "../config/project.ts";
import { EVACUATE_ANNOTATION } from "../config/project-node.ts";
import { RESERVATIONS_ANNOTATION } from "../config/reservations.ts";
import type { ConfigurationReport } from "../configuration-state.ts";
import type { Key, Kind, Kinds } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { KubeClient, KubeRequest } from "../kube/client.ts";
import { KubeError } from "../kube/kube-error.ts";
import { type KubeObject, keyOf } from "../kube/objects.ts";
import { Reflector } from "../kube/reflector.ts";
import type { ReflectorEvent } from "../kube/reflector-machine.ts";
import type { Logger } from "../observe/log.ts";
import { KubernetesConfigurationState } from "./kubernetes-configuration-state.ts";
import { EventRecorder } from "./kubernetes-events.ts";
import { type KindPlace, placeOf, reasonOf } from "./kubernetes-kinds.ts";
import { KubernetesLeaderLease } from "./kubernetes-leader-lease.ts";
import { releaseSpeakerLease, renewSpeakerLease } from "./kubernetes-lease.ts";
import { keyRequest } from "./kubernetes-ownership-key.ts";
import { KubernetesServiceStatuses } from "./kubernetes-service-statuses.ts";
import { Lull } from "./lull.ts";
import { OwnPod } from "./own-pod.ts";
import { Precedence } from "./precedence.ts";
import { requestWithin } from "./request-within.ts";
import { bothStatuses, type ServiceStatuses } from "./service-statuses.ts";
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
} from "./source.ts";

/** What a {@link KubernetesSource} works with. */
export interface KubernetesSourceOptions {
  /** The source's own from now on: closing the source closes it. */
  readonly client: KubeClient;
  /** Where the configuration objects and the speakers' Leases live. */
  readonly namespace: string;
  /** Who the Events come from. */
  readonly component: "metallb-controller" | "metallb-speaker";
  /** What is kept of an object; undefined when it is of no interest and counts as absent. */
  readonly project: <K extends Kind>(kind: K, object: unknown) => Projected<K> | undefined;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** The Pod that this program runs in; default: none. */
  readonly podName?: string | undefined;
  /** Milliseconds since 1970; default that of this machine. */
  readonly wallClock?: () => number;
}

/** The Kubernetes API as a source: one watch a kind, and writes with preconditions. */
export class KubernetesSource implements Source {
  readonly description: string;
  readonly leaderLease: KubernetesLeaderLease;
  readonly #options: KubernetesSourceOptions & { readonly wallClock: () => number };
  readonly #events: EventRecorder;
  /** While a crowd is served, addresses come before words. */
  readonly #statusesFirst = new Precedence(STATUSES_AT_REST);
  readonly #lull: Lull;
  readonly #pod: OwnPod;
  #configuration: KubernetesConfigurationState | undefined;
  readonly #statuses: KubernetesServiceStatuses[] = [];
  readonly #reflectors: { refresh(): Promise<void>; close(): Promise<void> }[] = [];

  constructor(options: KubernetesSourceOptions) {
    this.#options = { wallClock: Date.now, ...options };
    this.#lull = new Lull({ clock: options.clock, quietMs: 250, mostMs: 5_000, everyMs: 100 });
    this.#events = new EventRecorder({
      ...this.#options,
      turn: async () => {
        await this.#lull.turn();
        await this.#statusesFirst.turn();
      },
    });
    this.#pod = new OwnPod({ ...this.#options, name: options.podName });
    this.leaderLease = new KubernetesLeaderLease(this.#options);
    this.description = `kubernetes ${options.client.url}`;
  }

  start(kinds: readonly Kind[], listen: (event: SourceEvent) => void): void {
    for (const kind of kinds) this.#follow(kind, listen);
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.refresh()));
  }

  async writeServiceStatus(status: ServiceStatus): Promise<WriteResult> {
    const path = statusPath("/api/v1", "services", status.key);
    const patch = statusPatch(status);
    return this.#statusesFirst.first(() => this.#patch(path, patch, status.withinMs));
  }

  async writePoolStatus({ key, counters }: PoolStatus): Promise<WriteResult> {
    const path = statusPath("/apis/metallb.io/v1beta1", "ipaddresspools", key);
    return this.#patch(path, { status: counters });
  }

  async writeReservations(write: ReservationsWrite): Promise<WriteResult> {
    const { key, resourceVersion, text } = write;
    const annotations = { [RESERVATIONS_ANNOTATION]: text === "" ? null : text };
    const path = objectPath("/apis/metallb.io/v1beta1", "ipaddresspools", key);
    return this.#patch(path, { metadata: { resourceVersion, annotations } });
  }

  async markEvacuated(node: string, evacuated: boolean): Promise<void> {
    const annotations = { [EVACUATE_ANNOTATION]: evacuated ? "true" : null };
    const path = `/api/v1/nodes/${encodeURIComponent(node)}`;
    await this.#options.client.patch(path, { metadata: { annotations } });
  }

  writeOwnershipKey(write: OwnershipKeyWrite): Promise<WriteResult> {
    return this.#write(keyRequest(this.#options.namespace, write));
  }

  reportConfiguration(report: ConfigurationReport | undefined): void {
    if (report !== undefined) {
      const { name } = report;
      this.#configuration ??= new KubernetesConfigurationState({
        ...this.#options,
        name,
        pod: this.#pod,
      });
    }
    this.#configuration?.set(report);
  }

  serviceStatuses(node: string): ServiceStatuses {
    const common = { ...this.#options, node, pod: this.#pod };
    const layer2 = new KubernetesServiceStatuses({ ...common, protocol: "layer2" });
    // Each node says that it announces a route, and nobody waits for that; the controller does go by who
    // says that it answers on layer 2.
    const turn = () => this.#lull.turn();
    const bgp = new KubernetesServiceStatuses({ ...common, protocol: "bgp", turn });
    this.#statuses.push(layer2, bgp);
    return bothStatuses(layer2, bgp);
  }

  emitEvent(event: ServiceEvent): Promise<void> {
    return this.#events.emit(event);
  }

  renewSpeaker(lease: SpeakerLease): Promise<void> {
    const { client, namespace, wallClock } = this.#options;
    return renewSpeakerLease(client, namespace, lease, wallClock());
  }

  releaseSpeaker(node: string): Promise<void> {
    const { client, namespace, wallClock } = this.#options;
    return releaseSpeakerLease(client, namespace, node, wallClock());
  }

  async close(): Promise<void> {
    this.#lull.end();
    await Promise.all(this.#reflectors.splice(0).map((reflector) => reflector.close()));
    await Promise.all(this.#statuses.splice(0).map((statuses) => statuses.close()));
    await this.#configuration?.close();
    await this.#lastWords();
    this.#options.client.close();
  }

  /** What happened before the end is still said, but the end does not wait for it for long. */
  async #lastWords(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#options.clock.setTimer(LAST_WORDS_MS, resolve);
    });
    await Promise.race([this.#events.flush(), late]);
    cancel();
  }

  #patch(path: string, body: object, withinMs?: number): Promise<WriteResult> {
    return this.#write({ method: "PATCH", path, body }, withinMs);
  }

  async #write(request: KubeRequest, withinMs?: number): Promise<WriteResult> {
    const { client, clock } = this.#options;
    try {
      const write = { ...request, isAnswerIgnored: true };
      if (withinMs === undefined) await client.request(write);
      else await requestWithin(client, clock, withinMs, write);
      return "written";
    } catch (error) {
      if (error instanceof KubeError && error.status === 409) return "conflict";
      if (error instanceof KubeError && error.status === 404) return "gone";
      throw error;
    }
  }

  #follow<K extends Kind>(kind: K, listen: (event: SourceEvent) => void): void {
    const { client, clock, random, namespace } = this.#options;
    const place = placeOf(kind, namespace);
    const reflector = new Reflector<Projected<K>>({
      api: client,
      clock,
      random,
      path: place.path,
      labelSelector: place.labelSelector,
      fieldSelector: place.fieldSelector,
      project: (object) => this.#project(kind, object),
      listen: (event) => {
        if (kind === "service" && (event.type === "put" || event.type === "delete")) {
          this.#lull.stir();
        }
        listen(toSourceEvent(kind, place, event));
      },
    });
    this.#reflectors.push(reflector);
    reflector.start();
  }

  /** An object that cannot even be judged is a broken object, and not the end of the watch. */
  #project<K extends Kind>(kind: K, object: KubeObject): Projected<K> | undefined {
    try {
      return this.#options.project(kind, object);
    } catch (error) {
      const message = `cannot be read: ${textOf(error)}`;
      return { ok: false, error: { kind, key: keyOf(object), field: "", message } };
    }
  }
}

const LAST_WORDS_MS = 2_000;
/** A queue that is worked off has 16 under way. */
const STATUSES_AT_REST = 8;

function toSourceEvent<K extends Kind>(
  kind: K,
  place: KindPlace,
  event: ReflectorEvent<Projected<K>>,
): SourceEvent {
  switch (event.type) {
    case "put":
      return event.value.ok
        ? put(kind, event.value.record)
        : { type: "rejected", error: event.value.error };
    case "delete":
      return { type: "delete", kind, key: event.key };
    case "synced":
      return { type: "synced", kind };
    case "connected":
      return { type: "connection", kind, connected: true, reason: "" };
    case "disconnected":
      return { type: "connection", kind, connected: false, reason: reasonOf(place, event.error) };
  }
}

/** The compiler cannot see that the record is of the kind that it was projected as. */
function put<K extends Kind>(kind: K, record: Kinds[K]): SourceEvent {
  return { type: "put", kind, record } as SourceEvent;
}

function statusPath(group: string, plural: string, key: Key): string {
  return `${objectPath(group, plural, key)}/status`;
}

function objectPath(group: string, plural: string, key: Key): string {
  const [namespace = "", name = ""] = key.split("/").map(encodeURIComponent);
  return `${group}/namespaces/${namespace}/${plural}/${name}`;
}

function statusPatch({ resourceVersion, addresses, annotations }: ServiceStatus): object {
  const hasAnnotations = Object.keys(annotations).length > 0;
  const ingress = addresses.length === 0 ? null : addresses.map((ip) => ({ ip }));
  return {
    metadata: { resourceVersion, ...(hasAnnotations ? { annotations } : {}) },
    status: { loadBalancer: { ingress } },
  };
}
