import type { Key, SpeakerInterface, SpeakerRecord } from "../domain.ts";

// Which nodes have a speaker that is alive, judged by their signs of life alone.
//
//                 | sign of life, new renewal | same renewal | goodbye, deleted | its time is over
//  unknown        | live                      | -            | -                | -
//  live           | live, time anew           | -            | gone             | gone
//  gone           | live                      | -            | -                | -
//
// Renewals are compared, never read as times: the clocks of the nodes need not agree. While the
// source cannot be reached nobody's time runs out, since silence then says nothing about the
// others; once it is back everybody has a whole duration to be heard again. The node itself is
// always live, with the interfaces that it sees.

/** What happens to a {@link Membership}. */
export type MembershipInput =
  | { readonly type: "sign"; readonly record: SpeakerRecord }
  | { readonly type: "deleted"; readonly key: Key }
  | { readonly type: "connection"; readonly connected: boolean }
  | { readonly type: "self"; readonly interfaces: readonly SpeakerInterface[] }
  | { readonly type: "tick" };

/** Keeps who is live. Holds no timer: tick it at its deadline. Never throws. */
export class Membership {
  readonly #self: string;
  readonly #peers = new Map<Key, Peer>();
  readonly #live = new Map<string, readonly SpeakerInterface[]>();
  #connected = false;

  constructor(self: string) {
    this.#self = self;
    this.#live.set(self, []);
  }

  /** Live nodes, and the interfaces each can announce on. */
  get live(): ReadonlyMap<string, readonly SpeakerInterface[]> {
    return this.#live;
  }

  /** When to tick next; infinite when nobody's time can run out. */
  get deadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    if (!this.#connected) return earliest;
    for (const peer of this.#peers.values()) {
      if (peer.live) earliest = Math.min(earliest, peer.expiresAt);
    }
    return earliest;
  }

  /** The nodes whose liveness or interfaces changed. */
  handle(input: MembershipInput, now: number): readonly string[] {
    switch (input.type) {
      case "sign":
        return input.record.node === this.#self ? [] : this.#sign(input.record, now);
      case "deleted":
        return this.#deleted(input.key);
      case "connection":
        return this.#connection(input.connected, now);
      case "self":
        return this.#publish(this.#self, input.interfaces);
      case "tick":
        return this.#tick(now);
    }
  }

  #sign(record: SpeakerRecord, now: number): readonly string[] {
    const known = this.#peers.get(record.key);
    if (!record.held) {
      this.#peers.set(record.key, { ...peerOf(record, now), live: false });
      return this.#publish(record.node, undefined);
    }
    if (known?.renewal === record.renewal) return [];
    this.#peers.set(record.key, peerOf(record, now));
    return this.#publish(record.node, record.interfaces);
  }

  #deleted(key: Key): readonly string[] {
    const peer = this.#peers.get(key);
    if (peer === undefined) return [];
    this.#peers.delete(key);
    return this.#publish(peer.node, undefined);
  }

  #connection(connected: boolean, now: number): readonly string[] {
    if (connected && !this.#connected) {
      for (const [key, peer] of this.#peers) {
        this.#peers.set(key, { ...peer, expiresAt: now + peer.durationMs });
      }
    }
    this.#connected = connected;
    return [];
  }

  #tick(now: number): readonly string[] {
    if (!this.#connected) return [];
    const changed: string[] = [];
    for (const [key, peer] of this.#peers) {
      if (!peer.live || peer.expiresAt > now) continue;
      this.#peers.set(key, { ...peer, live: false });
      changed.push(...this.#publish(peer.node, undefined));
    }
    return changed;
  }

  #publish(node: string, interfaces: readonly SpeakerInterface[] | undefined): readonly string[] {
    const before = this.#live.get(node);
    if (JSON.stringify(before) === JSON.stringify(interfaces)) return [];
    if (interfaces === undefined) this.#live.delete(node);
    else this.#live.set(node, interfaces);
    return [node];
  }
}

interface Peer {
  readonly node: string;
  readonly renewal: string;
  readonly durationMs: number;
  readonly expiresAt: number;
  readonly live: boolean;
}

function peerOf(record: SpeakerRecord, now: number): Peer {
  return {
    node: record.node,
    renewal: record.renewal,
    durationMs: record.durationMs,
    expiresAt: now + record.durationMs,
    live: true,
  };
}
