import type { ClaimChange } from "./claim-copy.ts";
import { Copies } from "./copies.ts";
import type { Rejection } from "./facts.ts";
import type { Hello } from "./hello.ts";
import type { HelloItem } from "./hello-items.ts";
import { Inbox } from "./inbox.ts";
import type { CompleteOptions } from "./options.ts";
import type { Destination } from "./outbox.ts";
import { Peer, type Reach, type Session } from "./peer.ts";
import type { LinkInput, LinkOutput, LinkState } from "./peers.ts";
import type { Keyring } from "./seal.ts";

/** What a {@link Roster} has found, or wants sent. */
export type RosterOutput =
  | { readonly type: "post"; readonly items: readonly HelloItem[]; readonly to: Destination }
  | {
      readonly type: "link";
      readonly peer: Peer;
      readonly interface: string;
      readonly state: LinkState;
      readonly silentMs: number;
    }
  | { readonly type: "claims"; readonly peer: Peer; readonly changes: readonly ClaimChange[] }
  /** It listens no longer, or its set has become complete. */
  | { readonly type: "ready"; readonly peer: Peer }
  | { readonly type: "wants-set"; readonly to: Destination }
  | {
      readonly type: "heed";
      readonly peer: Peer;
      readonly item: Extract<HelloItem, { type: "ask" | "notice" }>;
      readonly to: Destination;
    };

/**
 * The other nodes. A run of one is believed once it has repeated a number made up here, so that no
 * recording of an earlier run passes for it, whatever the clocks say.
 */
export class Roster {
  readonly #options: CompleteOptions;
  readonly #inbox: Inbox;
  readonly #copies = new Copies();
  readonly #peers = new Map<string, Peer>();
  readonly #rejected = new Map<Rejection, number>();
  #received = 0;

  constructor(options: CompleteOptions) {
    this.#options = options;
    this.#inbox = new Inbox(options.node, ({ node, boot, sequence }) => {
      const session = this.#peers.get(node)?.session;
      return session?.boot === boot && session.window.hasMet(sequence);
    });
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  /** Datagrams that came, and those that changed nothing, by reason. */
  get counters(): { readonly received: number; readonly rejected: ReadonlyMap<Rejection, number> } {
    return { received: this.#received, rejected: this.#rejected };
  }

  /** When to call {@link elapse} next. */
  get deadline(): number {
    let deadline = Number.POSITIVE_INFINITY;
    for (const peer of this.#peers.values()) {
      for (const { link } of peer.links.values()) deadline = Math.min(deadline, link.deadline);
    }
    return deadline;
  }

  receive(
    bytes: Uint8Array,
    from: Destination,
    keys: Keyring,
    now: number,
  ): readonly RosterOutput[] {
    this.#received += 1;
    if (this.#copies.isCopy(bytes, from.interface, now)) return this.#heardAlso(bytes, from, now);
    const hello = this.#inbox.open(bytes, keys);
    if (typeof hello === "string") return this.#reject(hello);
    const peer = this.#peerOf(hello.node);
    const isProof = hello.items.some(
      (item) => item.type === "answer" && item.node === this.#me && item.nonce === peer.nonce,
    );
    const outputs: RosterOutput[] = [];
    if (peer.session?.boot !== hello.boot) {
      if (!isProof)
        return [...this.#challenge(peer, hello, from, now), ...this.#reject("unproven")];
      outputs.push(...this.#begin(peer, hello));
    }
    const { session } = peer;
    if (session === undefined) return [];
    session.window.meet(hello.sequence);
    this.#copies.keep(bytes, from.interface, now);
    const answers = this.#answersTo(hello);
    if (answers.length > 0) outputs.push({ type: "post", items: answers, to: from });
    outputs.push(...this.#reached(peer, hello, from, now));
    return [...outputs, ...this.#read(peer, session, hello, from, now)];
  }

  /** Whether the claims of all nodes that are heard are known, all of them. */
  hasAllSets(name: string, now: number): boolean {
    for (const peer of this.#peers.values()) {
      if (now - peer.unprovenAt < UNPROVEN_MS) return false;
      if (peer.stateOn(name) !== "dead" && !peer.isComplete) return false;
    }
    return true;
  }

  /** Wakes every link whose deadline has passed. */
  elapse(now: number): readonly RosterOutput[] {
    return this.#each({ type: "tick" }, undefined, now);
  }

  /** This node did not run for a while. */
  excuse(ms: number, now: number): void {
    this.#each({ type: "excuse", ms }, undefined, now);
  }

  /** An interface went down here. */
  cut(name: string, now: number): readonly RosterOutput[] {
    return this.#each({ type: "cut" }, name, now);
  }

  get #me(): string {
    return this.#options.node;
  }

  #each(input: LinkInput, only: string | undefined, now: number): readonly RosterOutput[] {
    const outputs: RosterOutput[] = [];
    for (const peer of this.#peers.values()) {
      for (const [name, { link }] of peer.links) {
        if (only !== undefined && name !== only) continue;
        const silentMs = now - link.heardAt;
        outputs.push(...this.#tell(peer, name, link.handle(input, now), silentMs));
      }
    }
    return outputs;
  }

  /** Asks a run to prove itself, and answers its own question, each now and then at most. */
  #challenge(peer: Peer, hello: Hello, from: Destination, now: number): readonly RosterOutput[] {
    peer.unprovenAt = now;
    const items: HelloItem[] = [];
    if (now - peer.answeredAt >= CHALLENGE_MS) items.push(...this.#answersTo(hello));
    if (items.length > 0) peer.answeredAt = now;
    if (now - peer.challengedAt >= CHALLENGE_MS) {
      peer.challengedAt = now;
      items.push({ type: "query", node: peer.name, nonce: peer.nonce });
    }
    return items.length === 0 ? [] : [{ type: "post", items, to: from }];
  }

  #answersTo(hello: Hello): readonly HelloItem[] {
    return hello.items.flatMap((item): readonly HelloItem[] =>
      item.type === "query" && item.node === this.#me
        ? [{ type: "answer", node: hello.node, nonce: item.nonce }]
        : [],
    );
  }

  #begin(peer: Peer, hello: Hello): readonly RosterOutput[] {
    const lost = Array.from(peer.session?.copy.claims() ?? [], ([address, before]) => ({
      address,
      before,
      after: undefined,
    }));
    peer.begin(hello.boot, hello.sequence);
    peer.nonce = this.#nonce();
    return lost.length === 0 ? [] : [{ type: "claims", peer, changes: lost }];
  }

  #reached(peer: Peer, hello: Hello, from: Destination, now: number): readonly RosterOutput[] {
    const reach = peer.reach(from.interface);
    reach.endpoint = from.endpoint;
    for (const item of hello.items) if (item.type === "mac") remember(reach, item.mac);
    const silentMs = now - reach.link.heardAt;
    const told = reach.link.handle({ type: "hello", intervalMs: hello.intervalMs }, now);
    const outputs = [...this.#tell(peer, from.interface, told, silentMs)];
    if (peer.isListening !== hello.isListening) outputs.push({ type: "ready", peer });
    peer.isListening = hello.isListening;
    return outputs;
  }

  /** A copy says again that its sender is there, and nothing else. */
  #heardAlso(bytes: Uint8Array, from: Destination, now: number): readonly RosterOutput[] {
    const hello = this.#inbox.read(bytes);
    const peer = hello === undefined ? undefined : this.#peers.get(hello.node);
    if (hello === undefined || peer?.session?.boot !== hello.boot) return [];
    return this.#reached(peer, hello, from, now);
  }

  #read(
    peer: Peer,
    session: Session,
    hello: Hello,
    from: Destination,
    now: number,
  ): readonly RosterOutput[] {
    const wasComplete = peer.isComplete && peer.lacksSince === undefined;
    session.version = Math.max(session.version, hello.version);
    const outputs: RosterOutput[] = [];
    for (const item of hello.items) {
      if (item.type === "changes" || item.type === "set") {
        const changes = session.copy.apply(item);
        if (changes.length > 0) outputs.push({ type: "claims", peer, changes });
      } else if (item.type === "request" && item.node === this.#me) {
        outputs.push({ type: "wants-set", to: from });
      } else if ((item.type === "ask" || item.type === "notice") && item.node === this.#me) {
        outputs.push({ type: "heed", peer, item, to: from });
      }
    }
    if (peer.isComplete) {
      peer.lacksSince = undefined;
      if (!wasComplete) outputs.push({ type: "ready", peer });
      return outputs;
    }
    peer.lacksSince ??= now;
    // What is missing is usually on its way: changes are sent three times within 40 ms.
    const isFirst = session.copy.version === 0 && peer.requestedAt === Number.NEGATIVE_INFINITY;
    const isDue = now - peer.lacksSince >= PATIENCE_MS && now - peer.requestedAt >= REQUEST_MS;
    if (isFirst || isDue) {
      peer.requestedAt = now;
      outputs.push({ type: "post", items: [{ type: "request", node: peer.name }], to: from });
    }
    return outputs;
  }

  #tell(
    peer: Peer,
    name: string,
    told: readonly LinkOutput[],
    silentMs: number,
  ): readonly RosterOutput[] {
    return told.map((output) => {
      if (output.type === "changed") {
        return { type: "link", peer, interface: name, state: output.state, silentMs };
      }
      const query: HelloItem = { type: "query", node: peer.name, nonce: peer.nonce };
      const to = { interface: name, endpoint: peer.reach(name).endpoint };
      return { type: "post", items: [query], to };
    });
  }

  #peerOf(name: string): Peer {
    const known = this.#peers.get(name);
    if (known !== undefined) return known;
    const made = new Peer(name, this.#options.helloMultiplier, this.#nonce());
    this.#peers.set(name, made);
    return made;
  }

  #nonce(): number {
    return Math.floor(this.#options.random() * 2 ** 32);
  }

  #reject(reason: Rejection): readonly RosterOutput[] {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
    return [];
  }
}

function remember(reach: Reach, mac: number): void {
  if (reach.macs[0] === mac) return;
  reach.macs = [mac, ...reach.macs.filter((known) => known !== mac)].slice(0, MOST_MACS);
}

/** Of one peer on one interface. */
const MOST_MACS = 4;
const CHALLENGE_MS = 20;
const UNPROVEN_MS = 300;
const PATIENCE_MS = 60;
const REQUEST_MS = 100;
