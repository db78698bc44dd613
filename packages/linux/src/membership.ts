import { InterfaceGroups } from "./interface-groups.ts";
import { isolate } from "./isolate.ts";
import type { LinkMonitor } from "./links.ts";

/** A share in the multicast groups of an interface: whoever shares a group is counted. */
export class Membership {
  /** Called when a group could not be joined; it is tried again each second. */
  onFailed: ((error: unknown) => void) | undefined;
  readonly #shared: Shared;
  readonly #claims = new Set<() => void>();
  readonly #end: () => void;

  constructor(name: string, links: LinkMonitor) {
    const ofLinks = sharedOf.get(links) ?? new Map<string, Shared>();
    sharedOf.set(links, ofLinks);
    this.#shared = ofLinks.get(name) ?? share(name, links);
    ofLinks.set(name, this.#shared);
    this.#shared.members.add(this);
    this.#end = () => ofLinks.delete(name);
  }

  /** Joins soon, now and whenever the interface is made anew. Returns what leaves. */
  join(group: string): () => void {
    if (!this.#shared.members.has(this)) return () => {};
    const release = this.#shared.groups.claim(group);
    this.#claims.add(release);
    return () => {
      if (this.#claims.delete(release)) release();
    };
  }

  /** Leaves whatever it joined; nothing is called from then on. */
  close(): void {
    if (!this.#shared.members.delete(this)) return;
    for (const release of this.#claims) release();
    this.#claims.clear();
    if (this.#shared.members.size > 0) return;
    this.#shared.groups.close();
    this.#end();
  }
}

interface Shared {
  readonly groups: InterfaceGroups;
  readonly members: Set<Membership>;
}

function share(name: string, links: LinkMonitor): Shared {
  const shared: Shared = { groups: new InterfaceGroups(name, links), members: new Set() };
  shared.groups.onFailed = (error) => {
    for (const member of shared.members) isolate(() => member.onFailed?.(error));
  };
  return shared;
}

const sharedOf = new WeakMap<LinkMonitor, Map<string, Shared>>();
