import { Beat } from "./beat.ts";
import { ClaimLedger } from "./claim-ledger.ts";
import { Desk, type DeskOutput } from "./desk.ts";
import type { Message } from "./disputes.ts";
import type { NodeOutput, Rejection } from "./facts.ts";
import type { Group } from "./group.ts";
import { type CompleteOptions, complete, type OwnershipOptions } from "./options.ts";
import { type Destination, type HelloStamp, Outbox } from "./outbox.ts";
import type { Peer } from "./peer.ts";
import type { Claimed } from "./precedence.ts";
import { Roster, type RosterOutput } from "./roster.ts";
import type { Keyring } from "./seal.ts";
import { Segments } from "./segments.ts";

/** What happens to an {@link OwnershipNode}. MAC addresses are 48-bit numbers. */
export type NodeInput =
  /** An interface that hellos go by came up, has another hardware address, or went down. */
  | { readonly type: "up"; readonly interface: string; readonly mac: number }
  | { readonly type: "down"; readonly interface: string }
  /**
   * All groups there are, those included for which this node is not eligible. Those that are the very
   * objects of the last time cost next to nothing.
   */
  | { readonly type: "desired"; readonly groups: readonly Group[] }
  /** `from` is whatever the shell needs to answer; it comes back in `send`. */
  | {
      readonly type: "datagram";
      readonly interface: string;
      readonly from: string;
      readonly bytes: Uint8Array;
    }
  /** Somebody else claims an address that is answered for here, or answered a probe for it. */
  | { readonly type: "foreign"; readonly address: string; readonly mac: number }
  /** Somebody answered what was asked with `ask`. */
  | {
      readonly type: "answered";
      readonly interface: string;
      readonly address: string;
      readonly mac: number;
    }
  | { readonly type: "keys"; readonly keys: Keyring }
  /** Hands everything over; `done` tells when. */
  | { readonly type: "shutdown" }
  | { readonly type: "tick" };

/**
 * One speaker: says that it is there, watches the others, and decides with them, without anybody in
 * the middle, who answers for which address. Holds no timer and no socket: hand it what happened and
 * the time, carry out what it returns, in that order, and wake it with a tick at its deadline. A tick
 * before the deadline does nothing. Never throws once it is made.
 */
export class OwnershipNode {
  readonly #options: CompleteOptions;
  readonly #roster: Roster;
  readonly #segments: Segments;
  readonly #beat: Beat;
  readonly #outbox: Outbox;
  readonly #ledger: ClaimLedger;
  readonly #desk: Desk;
  #keys: Keyring;
  /** Peers that were dead on an interface. */
  readonly #lost = new Set<string>();
  #leaving: "no" | "yes" | "done" = "no";
  #deadline = Number.POSITIVE_INFINITY;
  #outputs: NodeOutput[] = [];

  /** @throws {RangeError} when an option is out of its range; the message names it and its value. */
  constructor(options: OwnershipOptions) {
    const all = complete(options);
    this.#options = all;
    this.#keys = all.keys;
    this.#roster = new Roster(all);
    this.#segments = new Segments(all.helloMultiplier * all.helloIntervalMs);
    this.#beat = new Beat(all.helloIntervalMs, all.random);
    this.#outbox = new Outbox(all.node, all.boot);
    // Header, names, a notice's two nodes and the seal leave at least this much for entries.
    this.#ledger = new ClaimLedger(all.datagramBytes - all.node.length - OVERHEAD_BYTES);
    this.#desk = new Desk(all, this.#ledger, {
      isLive: (node, interfaces) => this.#roster.peers.get(node)?.isLive(interfaces) === true,
      isNew: (node) => this.#roster.peers.get(node)?.isListening === true,
      isAlone: (interfaces) => !this.#livePeers(interfaces).some(() => true),
      tellerFor: (teller, claimant) => this.#tellerFor(teller, claimant),
      isListening: (interfaces) => this.#segments.isListeningOn(interfaces),
      isServing: (interfaces) => this.#leaving === "no" && !this.#segments.isCutFrom(interfaces),
    });
  }

  /** When to tick next, on the clock of `now`; infinite until an interface is up. */
  get deadline(): number {
    return this.#deadline;
  }

  /** What is known of the other nodes. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#roster.peers;
  }

  /** Datagrams that came, and those that changed nothing, by reason. */
  get counters(): { readonly received: number; readonly rejected: ReadonlyMap<Rejection, number> } {
    return this.#roster.counters;
  }

  /** Who answers for an address, as far as this node knows: the largest live claim. */
  holder(address: string): Claimed | undefined {
    return this.#desk.holder(address);
  }

  handle(input: NodeInput, now: number): readonly NodeOutput[] {
    this.#excuse(now);
    this.#take(input, now);
    this.#elapse(now);
    this.#carryOut(this.#desk.settle(now), now);
    this.#send(now);
    if (this.#leaving === "yes" && !this.#desk.isHolding) {
      this.#leaving = "done";
      this.#outputs.push({ type: "done" });
    }
    this.#deadline = this.#nextDeadline(now);
    return this.#outputs.splice(0);
  }

  #take(input: NodeInput, now: number): void {
    switch (input.type) {
      case "up":
        this.#segments.raise(input.interface, input.mac, now);
        this.#beat.hurry(now);
        this.#desk.markAll();
        break;
      case "down":
        this.#segments.lower(input.interface);
        this.#heed(this.#roster.cut(input.interface, now), now);
        this.#desk.markAll();
        break;
      case "desired":
        this.#desk.setGroups(input.groups, now);
        break;
      case "datagram":
        this.#receive(input, now);
        break;
      case "foreign":
        if (!this.#isOurs(input.mac)) this.#desk.foreign(input.address, input.mac, now);
        break;
      case "answered": {
        const isOf = (holder: string) => this.#isOf(holder, input);
        this.#desk.answered(input.address, input.mac, isOf, now);
        break;
      }
      case "keys":
        this.#keys = input.keys;
        break;
      case "shutdown":
        if (this.#leaving === "no") this.#leaving = "yes";
        this.#desk.markAll();
        break;
      case "tick":
        break;
    }
  }

  #receive(input: Extract<NodeInput, { type: "datagram" }>, now: number): void {
    if (!this.#segments.up.has(input.interface)) return;
    const from = { interface: input.interface, endpoint: input.from };
    this.#heed(this.#roster.receive(input.bytes, from, this.#keys, now), now);
  }

  /** Time in which this node did not run says nothing about the others. */
  #excuse(now: number): void {
    const lateMs = now - this.#deadline;
    if (!(lateMs > this.#beat.toleranceMs)) return;
    this.#roster.excuse(lateMs, now);
    this.#beat.stretch(lateMs, now);
    const isLong = lateMs > this.#options.helloMultiplier * this.#options.helloIntervalMs;
    if (isLong) for (const name of this.#segments.up.keys()) this.#segments.listen(name, now);
    const { intervalMs } = this.#beat;
    this.#outputs.push({ type: "fact", fact: { kind: "late", lateMs, intervalMs } });
  }

  #elapse(now: number): void {
    this.#heed(this.#roster.elapse(now), now);
    if (this.#segments.end(now, (name) => this.#roster.hasAllSets(name, now))) {
      this.#desk.markAll();
      this.#beat.hurry(now);
    }
  }

  #heed(outputs: readonly RosterOutput[], now: number): void {
    for (const output of outputs) {
      switch (output.type) {
        case "post":
          this.#outbox.post(output.items, output.to, now);
          break;
        case "link":
          this.#linkChanged(output, now);
          break;
        case "claims":
          this.#desk.changed(output.peer.name, output.changes, now);
          break;
        case "ready":
          this.#desk.markWaiting();
          break;
        case "wants-set":
          this.#outbox.post(this.#ledger.wholeSet(), output.to, now);
          break;
        case "heed":
          this.#obey(output, now);
          break;
      }
    }
  }

  #linkChanged(output: Extract<RosterOutput, { type: "link" }>, now: number): void {
    const { peer, state, silentMs } = output;
    const fact = {
      kind: "peer",
      node: peer.name,
      interface: output.interface,
      state,
      silentMs,
    } as const;
    this.#outputs.push({ type: "fact", fact });
    if (state === "suspect") return;
    const way = `${output.interface} ${peer.name}`;
    if (state === "dead") this.#lost.add(way);
    // It may still answer for what was taken over from it meanwhile.
    else if (this.#lost.delete(way)) {
      // Who has just begun has nothing to tell.
      const isBack = !peer.isListening && this.#isBackFromAlone(output.interface);
      if (isBack) this.#segments.listen(output.interface, now);
      const to = { interface: output.interface, endpoint: peer.reach(output.interface).endpoint };
      this.#outbox.post(this.#ledger.wholeSet(), to, now);
    }
    // What it last told is as old as its last hello, so it is listened to anew.
    if (state === "live") this.#beat.hurry(now);
    else if (this.#isCutOff(output.interface, now)) this.#segments.listen(output.interface, now);
    this.#desk.liveness(peer.name, peer.session?.copy.claims() ?? [], state === "live", now);
    this.#beat.peers = this.#livePeers([]).length;
  }

  /** Whether of several peers that were lost the first is heard: the others may have what it has not. */
  #isBackFromAlone(name: string): boolean {
    if (this.#livePeers([name]).length > 1) return false;
    return [...this.#lost].some((way) => way.startsWith(`${name} `));
  }

  /** Whether several peers were there and none of the others is heard either. */
  #isCutOff(name: string, now: number): boolean {
    const others = this.#livePeers([name]);
    if (!this.#segments.up.has(name) || others.length === 0) return false;
    return others.every((peer) => now - peer.reach(name).link.heardAt > 2 * this.#beat.intervalMs);
  }

  #obey({ peer, item, to }: Extract<RosterOutput, { type: "heed" }>, now: number): void {
    if (item.type === "notice") {
      this.#desk.notice(peer.name, item.claimant, item.entries, now);
      return;
    }
    const claimant = this.#roster.peers.get(item.claimant);
    const entries = item.addresses.map((address) => ({
      address,
      claim: claimant?.isLive([]) === true ? claimant.session?.copy.get(address) : undefined,
    }));
    const notice = { type: "notice", node: peer.name, claimant: item.claimant, entries } as const;
    this.#outbox.post([notice], to, now);
  }

  #carryOut(outputs: readonly DeskOutput[], now: number): void {
    for (const output of outputs) {
      if (output.type === "hurry") this.#beat.hurry(now);
      else if (output.type === "message") this.#write(output.message, now);
      else if (output.type === "prove") this.#prove(output);
      else this.#outputs.push(output);
    }
  }

  #write({ node, item }: Message, now: number): void {
    const to: Destination | undefined = this.#roster.peers.get(node)?.destination;
    if (to !== undefined) this.#outbox.post([item], to, now);
  }

  #prove({ address, holder, place }: Extract<DeskOutput, { type: "prove" }>): void {
    const peer = this.#roster.peers.get(holder);
    const wanted = place.known?.group.interfaces ?? [];
    const names = wanted.length > 0 ? wanted : [...this.#segments.up.keys()];
    const name = names.find((one) => peer !== undefined && peer.stateOn(one) !== "dead");
    if (name === undefined) return;
    // Of several interfaces it may answer on any.
    const [mac, ...others] = peer?.reach(name).macs ?? [];
    const known = others.length === 0 ? mac : undefined;
    this.#outputs.push({ type: "ask", interface: name, address, mac: known });
  }

  #send(now: number): void {
    const changes = this.#ledger.takeChanges();
    if (changes.length > 0) this.#outbox.broadcast(changes, now);
    const exits = Array.from(this.#segments.up.values(), ({ name, mac }) => ({
      interface: name,
      mac,
    }));
    const stamp: HelloStamp = {
      intervalMs: this.#beat.intervalMs,
      version: this.#ledger.version,
      isListening: this.#segments.isListening,
    };
    this.#outputs.push(...this.#outbox.takeDue(exits, stamp, this.#keys, now));
    if (exits.length === 0 || now < this.#beat.deadline) return;
    for (const exit of exits) {
      this.#outputs.push(this.#outbox.seal([], exit, undefined, stamp, this.#keys));
    }
    this.#beat.sent(now);
  }

  #nextDeadline(now: number): number {
    return Math.min(
      this.#segments.up.size > 0 ? this.#beat.deadline : Number.POSITIVE_INFINITY,
      this.#roster.deadline,
      this.#segments.deadlineAfter(now),
      this.#outbox.deadline,
      this.#desk.deadline,
    );
  }

  #livePeers(interfaces: readonly string[]): readonly Peer[] {
    return [...this.#roster.peers.values()].filter((peer) => peer.isLive(interfaces));
  }

  #tellerFor(teller: string, claimant: string): string {
    const live = this.#livePeers([]).map(({ name }) => name);
    return live.includes(teller) ? teller : (live.find((name) => name !== claimant) ?? teller);
  }

  #isOurs(mac: number): boolean {
    for (const segment of this.#segments.up.values()) if (segment.mac === mac) return true;
    for (const peer of this.#roster.peers.values()) if (peer.hasMac(mac)) return true;
    return false;
  }

  /** Whether a hardware address is the holder's, as far as that is known. */
  #isOf(holder: string, { interface: name, mac }: { interface: string; mac: number }): boolean {
    const known = this.#roster.peers.get(holder)?.reach(name).macs ?? [];
    return known.length === 0 || known.includes(mac);
  }
}

const OVERHEAD_BYTES = 70;
