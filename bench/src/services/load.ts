import type { Api, KubeObject } from "@ingot/testkit";

/** What became of Services that were created: when each was asked for, and when it had an address. */
export class ServiceLoad {
  readonly #api: Api;
  readonly #endpoints: boolean;
  readonly #asked = new Map<string, number>();
  readonly #created = new Map<string, number>();
  readonly #given = new Map<string, { readonly address: string; readonly atMs: number }>();
  readonly #awaited = new Map<string, (address: string) => void>();
  readonly #stop: () => void;

  private constructor(api: Api, endpoints: boolean, stop: () => void) {
    this.#api = api;
    this.#endpoints = endpoints;
    this.#stop = stop;
  }

  /** Begins to watch the Services of the default namespace; `endpoints`: each is to have one. */
  static async watch(api: Api, endpoints = true): Promise<ServiceLoad> {
    let load: ServiceLoad | undefined;
    const stop = await api.watch<ServiceObject>(SERVICES, ({ object }) => load?.see(object));
    load = new ServiceLoad(api, endpoints, stop);
    return load;
  }

  /** Creates Services, so many at a time. */
  async create(names: readonly string[], atATime: number): Promise<void> {
    const left = names.slice();
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        if (this.#endpoints) await this.#api.create(SLICES, slice(name));
        this.#asked.set(name, performance.now());
        await this.#api.create(SERVICES, service(name));
        this.#created.set(name, performance.now());
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
  }

  /** Deletes Services, so many at a time. */
  async delete(names: readonly string[], atATime: number): Promise<void> {
    const left = names.slice();
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        await this.#api.delete(`${SERVICES}/${name}`);
        if (this.#endpoints) await this.#api.delete(`${SLICES}/${name}`);
        this.#given.delete(name);
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
  }

  /** How many of them have an address. */
  given(names: readonly string[]): number {
    return names.filter((name) => this.#given.has(name)).length;
  }

  /** Resolves with the address of a Service as soon as it has one; without looking again and again. */
  address(name: string): Promise<string> {
    const given = this.addressOf(name);
    if (given !== undefined) return Promise.resolve(given);
    return new Promise((resolve) => this.#awaited.set(name, resolve));
  }

  addressOf(name: string): string | undefined {
    return this.#given.get(name)?.address;
  }

  askedAt(name: string): number {
    return this.#asked.get(name) ?? Number.NaN;
  }

  /** From asking for a Service to seeing its address, for each that has one. */
  delaysMs(names: readonly string[]): readonly number[] {
    return names.flatMap((name) => {
      const given = this.#given.get(name);
      return given === undefined ? [] : [given.atMs - this.askedAt(name)];
    });
  }

  /** What the API server took to create each: the part of the delay that is not the controller's. */
  creationsMs(names: readonly string[]): readonly number[] {
    return names.map((name) => (this.#created.get(name) ?? Number.NaN) - this.askedAt(name));
  }

  /** When the last of them had its address. */
  lastAt(names: readonly string[]): number {
    return Math.max(...names.map((name) => this.#given.get(name)?.atMs ?? Number.NaN));
  }

  close(): void {
    this.#stop();
  }

  /** @internal Takes in what a watch told. */
  see({ metadata: { name }, status }: ServiceObject): void {
    const address = status?.loadBalancer?.ingress?.[0]?.ip;
    if (address === undefined || this.#given.has(name)) return;
    this.#given.set(name, { address, atMs: performance.now() });
    this.#awaited.get(name)?.(address);
    this.#awaited.delete(name);
  }
}

interface ServiceObject extends KubeObject {
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

const SERVICES = "/api/v1/namespaces/default/services";
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

function service(name: string): object {
  return {
    metadata: { name },
    spec: {
      type: "LoadBalancer",
      // There are 2,768 of them, and nothing here needs one.
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80, protocol: "TCP" }],
    },
  };
}

function slice(name: string): object {
  return {
    metadata: { name, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.1.10"], nodeName: "n1", conditions: { ready: true } }],
    ports: [{ name: "", port: 8_080, protocol: "TCP" }],
  };
}

/**
 * How many requests a load has under way. That is full speed: with one the API server takes as many
 * Services a second as with sixteen, which only wait for each other on two cores.
 */
export const WRITERS = 2;
