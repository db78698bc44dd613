import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/kube-error.ts";
import { Reflector } from "../kube/reflector.ts";
import type { LeaseStore } from "../leader-election.ts";
import type { LeaseState, LeaseWrite } from "../leadership.ts";
import { requestWithin } from "./request-within.ts";

/** What a {@link KubernetesLeaderLease} works with. */
export interface KubernetesLeaderLeaseOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly namespace: string;
  /** Milliseconds since 1970; for people alone, nobody compares it. */
  readonly wallClock: () => number;
}

/** The Lease `ingot-controller`. */
export class KubernetesLeaderLease implements LeaseStore {
  readonly description: string;
  readonly #options: KubernetesLeaderLeaseOptions;
  readonly #collection: string;

  constructor(options: KubernetesLeaderLeaseOptions) {
    this.#options = options;
    const namespace = encodeURIComponent(options.namespace);
    this.#collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    this.description = `Lease ${options.namespace}/${NAME}`;
  }

  async read(): Promise<LeaseState | undefined> {
    try {
      return stateOf(await this.#request("GET", this.#path));
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async write(lease: LeaseWrite): Promise<LeaseState | undefined> {
    const object = leaseObject(this.#options.namespace, lease, this.#options.wallClock());
    const isNew = lease.version === undefined;
    try {
      return stateOf(
        isNew
          ? await this.#request("POST", this.#collection, object)
          : await this.#request("PATCH", this.#path, object),
      );
    } catch (error) {
      // There is one already, it was changed, or it is gone.
      if (hasStatus(error, 409) || hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  watch(listen: (lease: LeaseState | undefined) => void): () => Promise<void> {
    const { client, clock, random } = this.#options;
    const reflector = new Reflector<LeaseState>({
      api: client,
      clock,
      random,
      path: this.#collection,
      fieldSelector: `metadata.name=${NAME}`,
      project: (object) => schema.safeParse(object).data,
      listen: (event) => {
        if (event.type === "put") listen(event.value);
        else if (event.type === "delete") listen(undefined);
      },
    });
    reflector.start();
    return () => reflector.close();
  }

  get #path(): string {
    return `${this.#collection}/${NAME}`;
  }

  /** Given up in time for another try. */
  #request(method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<unknown> {
    const { client, clock } = this.#options;
    const request = body === undefined ? { method, path } : { method, path, body };
    return requestWithin(client, clock, PATIENCE_MS, request);
  }
}

const NAME = "ingot-controller";
const PATIENCE_MS = 1_000;

const schema: z.ZodType<LeaseState> = z
  .object({
    metadata: z.object({ resourceVersion: z.string() }),
    spec: z
      .object({
        holderIdentity: z.string().nullish(),
        leaseDurationSeconds: z.number().nullish(),
        renewTime: z.string().nullish(),
        leaseTransitions: z.number().nullish(),
      })
      .nullish(),
  })
  .transform(({ metadata, spec }) => ({
    holder: spec?.holderIdentity ?? "",
    durationMs: (spec?.leaseDurationSeconds ?? 0) * 1_000,
    renewal: spec?.renewTime ?? "",
    transitions: spec?.leaseTransitions ?? 0,
    version: metadata.resourceVersion,
  }));

/** @throws {z.ZodError} when the answer is no Lease. */
function stateOf(object: unknown): LeaseState {
  return schema.parse(object);
}

function leaseObject(namespace: string, lease: LeaseWrite, nowMs: number): object {
  const { version, holder, durationMs, transitions, changesHands } = lease;
  // As a MicroTime has to be written.
  const now = new Date(nowMs).toISOString().replace("Z", "000Z");
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      namespace,
      name: NAME,
      labels: { "app.kubernetes.io/name": "ingot", "app.kubernetes.io/component": "controller" },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    spec: {
      // An empty name is refused; none at all is nobody's.
      holderIdentity: holder === "" ? null : holder,
      leaseDurationSeconds: Math.ceil(durationMs / 1_000),
      renewTime: now,
      leaseTransitions: transitions,
      ...(changesHands ? { acquireTime: now } : {}),
    },
  };
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status;
}
