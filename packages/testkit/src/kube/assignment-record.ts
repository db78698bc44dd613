/** A Service as a watch tells it, as far as its addresses matter. */
export interface AssignedService {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
  readonly spec: { readonly type?: string };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

/**
 * What addresses Services were seen to have, in the order in which the API server changed them. It finds
 * an address that two have at one moment, and one that a Service had and has no more.
 */
export class AssignmentRecord {
  readonly #faults: string[] = [];
  /** By uid. */
  readonly #services = new Map<string, Seen>();
  /** uids by address. */
  readonly #holders = new Map<string, string>();

  /** What went wrong, in words. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Services of type LoadBalancer that are there. */
  get size(): number {
    return this.#services.size;
  }

  /** Names of those that have no address. */
  get without(): readonly string[] {
    return [...this.#services.values()]
      .filter(({ addresses }) => addresses.length === 0)
      .map(({ name }) => name);
  }

  /** The Service is so now. */
  put({ metadata, spec, status }: AssignedService): void {
    if (spec.type !== "LoadBalancer") return;
    const { uid, namespace = "", name } = metadata;
    const now = {
      name: `${namespace}/${name}`,
      addresses: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []),
    };
    const before = this.#services.get(uid)?.addresses ?? [];
    if (before.length > 0 && before.join() !== now.addresses.join()) {
      this.#faults.push(
        `${now.name} had ${before.join()} and has ${now.addresses.join() || "none"}`,
      );
    }
    this.#release(uid, before);
    this.#services.set(uid, now);
    for (const address of now.addresses) {
      const holder = this.#holders.get(address);
      if (holder !== undefined) {
        this.#faults.push(`${address} is on ${this.#services.get(holder)?.name} and ${now.name}`);
      }
      this.#holders.set(address, uid);
    }
  }

  /** The Service is gone. */
  delete({ metadata: { uid } }: AssignedService): void {
    this.#release(uid, this.#services.get(uid)?.addresses ?? []);
    this.#services.delete(uid);
  }

  /** These are there at one moment, and no others. */
  replace(services: readonly AssignedService[]): void {
    const there = new Set(services.map(({ metadata }) => metadata.uid));
    for (const [uid, { addresses }] of this.#services) {
      if (there.has(uid)) continue;
      this.#release(uid, addresses);
      this.#services.delete(uid);
    }
    // First all that was given up meanwhile: at one moment there is no before and after.
    for (const { metadata } of services) {
      this.#release(metadata.uid, this.#services.get(metadata.uid)?.addresses ?? []);
    }
    for (const service of services) this.put(service);
  }

  #release(uid: string, addresses: readonly string[]): void {
    for (const address of addresses) {
      if (this.#holders.get(address) === uid) this.#holders.delete(address);
    }
  }
}

interface Seen {
  readonly name: string;
  readonly addresses: readonly string[];
}
