import { type AddressConflict, ArpResponder, type ArpSocket } from "@ingot/arp";
import { NdpResponder, type NdpSocket } from "@ingot/ndp";
import { familyOf } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { Family } from "../domain.ts";
import { textOf } from "../error-text.ts";
import { ConflictGate } from "./conflict-gate.ts";
import type { AddressCounters, Announcement, ConflictSighting } from "./messages.ts";
import { SharedBucket } from "./shared-bucket.ts";

/** What {@link Announcers} works with; the sockets follow their interface by its name. */
export interface AnnouncersOptions {
  readonly clock: Clock;
  /** Between two repetitions of the gratuitous packets of every announced address; 0: none. */
  readonly refreshMs: number;
  /** @throws {Error} when that is not allowed. */
  readonly openArp: (interfaceName: string) => ArpSocket;
  /** @throws {Error} when that is not allowed. */
  readonly openNdp: (interfaceName: string) => NdpSocket;
  /** Another host claims an announced address; a planned move looks like that for a moment, too. */
  readonly conflict: (sighting: ConflictSighting) => void;
  /** Something could not be done; the rest goes on. */
  readonly failed: (fields: object, message: string) => void;
}

/** An interface that can announce, and the families that it can announce. */
export interface AnnouncingInterface {
  readonly name: string;
  readonly families: readonly Family[];
}

/**
 * A responder for each interface and family, and on each the addresses that are wanted there. Told
 * the interfaces and the announcements whole, it changes only what differs.
 */
export class Announcers {
  readonly #options: AnnouncersOptions;
  readonly #places = new Map<string, Place>();
  /** By interface. */
  readonly #buckets = new Map<string, SharedBucket>();
  readonly #gate = new ConflictGate();
  #announcements: readonly Announcement[] = [];
  #ownMacs: readonly string[] = [];

  constructor(options: AnnouncersOptions) {
    this.#options = options;
  }

  /** The interfaces that can announce now. */
  setInterfaces(interfaces: readonly AnnouncingInterface[]): void {
    const wanted = new Map<string, { readonly name: string; readonly family: Family }>();
    for (const { name, families } of interfaces) {
      for (const family of families) wanted.set(`${family} ${name}`, { name, family });
    }
    for (const [id, place] of this.#places) {
      if (wanted.has(id)) continue;
      place.responder.close();
      this.#places.delete(id);
    }
    for (const [id, { name, family }] of wanted) {
      if (!this.#places.has(id)) this.#open(id, name, family);
    }
    const names = new Set(interfaces.map(({ name }) => name));
    for (const name of this.#buckets.keys()) if (!names.has(name)) this.#buckets.delete(name);
  }

  /** The hardware addresses of this host: two of its interfaces on one segment are no conflict. */
  setOwnMacs(macs: readonly string[]): void {
    this.#ownMacs = macs;
    for (const { responder } of this.#places.values()) responder.setOwnMacs(macs);
  }

  setAnnouncements(announcements: readonly Announcement[]): void {
    this.#announcements = announcements;
    this.#gate.retain(new Set(announcements.map(({ address }) => address)));
    for (const place of this.#places.values()) this.#apply(place);
  }

  counters(): readonly AddressCounters[] {
    return this.#announcements.map(({ address }) => {
      const sum = { address, ...NOTHING_COUNTED };
      for (const { family, responder } of this.#places.values()) {
        if (family !== familyOf(address)) continue;
        const counted = responder.counted(address);
        sum.requestsReceived += counted.requestsReceived;
        sum.responsesSent += counted.responsesSent;
        sum.gratuitousSent += counted.gratuitousSent;
        sum.conflicts += counted.conflicts;
      }
      return sum;
    });
  }

  close(): void {
    this.setInterfaces([]);
  }

  #open(id: string, name: string, family: Family): void {
    try {
      const responder = family === 4 ? this.#arp(name) : this.#ndp(name);
      const place = { name, family, responder };
      this.#places.set(id, place);
      this.#apply(place);
    } catch (error) {
      this.#options.failed({ interface: name }, textOf(error));
    }
  }

  #apply({ name, family, responder }: Place): void {
    const wanted = new Set<string>();
    for (const { address, interfaces } of this.#announcements) {
      if (familyOf(address) !== family) continue;
      if (interfaces.length === 0 || interfaces.includes(name)) wanted.add(address);
    }
    for (const address of responder.addresses()) {
      if (!wanted.has(address)) responder.withdraw(address);
    }
    for (const address of wanted) responder.announce(address);
  }

  #arp(name: string): Responder {
    const { openArp, clock } = this.#options;
    const responder = new ArpResponder(openArp(name), clock, this.#shared(name, 4));
    responder.on("conflict", (conflict) => this.#tell(name, conflict));
    return inOneVocabulary(responder, (address) => responder.counters(address) ?? NOTHING_COUNTED);
  }

  #ndp(name: string): Responder {
    const { openNdp, clock } = this.#options;
    const responder = new NdpResponder(openNdp(name), clock, this.#shared(name, 6));
    responder.on("conflict", (conflict) => this.#tell(name, conflict));
    return inOneVocabulary(responder, (address) => {
      const counters = responder.counters(address);
      if (counters === undefined) return NOTHING_COUNTED;
      const { solicitationsReceived, unsolicitedSent, ...rest } = counters;
      return { ...rest, requestsReceived: solicitationsReceived, gratuitousSent: unsolicitedSent };
    });
  }

  /** The options that are the same for both protocols. */
  #shared(name: string, family: Family) {
    const bucket = this.#buckets.get(name) ?? new SharedBucket();
    this.#buckets.set(name, bucket);
    return {
      // Speakers settle among themselves who answers: a defence would undo what the newer owner told.
      defend: "report",
      refreshMs: this.#options.refreshMs,
      checkMs: CHECK_MS,
      bucket: bucket.seat(family),
      ownMacs: this.#ownMacs,
    } as const;
  }

  #tell(name: string, { address, mac, isKept }: Conflict): void {
    const sighting = { address, mac, interface: name, kept: isKept };
    if (this.#gate.admits(sighting, this.#options.clock.now())) this.#options.conflict(sighting);
  }
}

/** What both protocols' responders tell of a conflict. */
type Conflict = Pick<AddressConflict, "address" | "mac" | "isKept">;

type Counted = Omit<AddressCounters, "address">;

/** What both protocols' responders do, in one vocabulary. */
interface Responder {
  addresses(): readonly string[];
  announce(address: string): void;
  withdraw(address: string): void;
  counted(address: string): Counted;
  setOwnMacs(macs: readonly string[]): void;
  close(): void;
}

interface Place {
  readonly name: string;
  readonly family: Family;
  readonly responder: Responder;
}

function inOneVocabulary(
  responder: ArpResponder | NdpResponder,
  counted: (address: string) => Counted,
): Responder {
  return {
    addresses: () => responder.addresses,
    announce: (address) => responder.announce(address),
    withdraw: (address) => responder.withdraw(address),
    counted,
    setOwnMacs: (macs) => responder.setOwnMacs(macs),
    close: () => responder.close(),
  };
}

const NOTHING_COUNTED: Counted = {
  requestsReceived: 0,
  responsesSent: 0,
  gratuitousSent: 0,
  conflicts: 0,
};

/** Longer than a planned move takes, in which the old owner still answers. */
const CHECK_MS = 5_000;
