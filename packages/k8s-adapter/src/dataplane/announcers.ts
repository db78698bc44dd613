import {
  type AddressConflict,
  ArpResponder,
  type ArpSocket,
  formatMac,
  type ProbeMode,
} from "@ingot/arp";
import { NdpResponder, type NdpSocket } from "@ingot/ndp";
import { familyOf } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { Family } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { Answering } from "./claims.ts";
import type { AddressCounters, ConflictSighting } from "./messages.ts";
import { type Inquirer, inquiringArp, inquiringNdp } from "./questions.ts";
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
  /** An IPv4 address of this host on an interface, if there is one. */
  readonly addressOn: (interfaceName: string) => string | undefined;
  /** Another host claims an announced address; told again after a second while it lasts. */
  readonly conflict: (sighting: ConflictSighting) => void;
  /** A host answered what was asked. */
  readonly answered: (interfaceName: string, address: string, mac: number) => void;
  /** Something could not be done; the rest goes on. */
  readonly failed: (fields: object, message: string) => void;
}

/** An interface that can announce, and the families that it can announce. */
export interface AnnouncingInterface {
  readonly name: string;
  readonly families: readonly Family[];
}

/**
 * A responder for each interface and family, and on each the addresses that are answered for there.
 * Told the interfaces whole, it changes only what differs.
 */
export class Announcers implements Answering {
  readonly #options: AnnouncersOptions;
  readonly #places = new Map<string, Place>();
  /** By interface. */
  readonly #buckets = new Map<string, SharedBucket>();
  /** Where each address is answered for: exact names; empty: on every interface that can. */
  readonly #answered = new Map<string, readonly string[]>();
  #hostMacs: readonly string[] = [];
  #fellowMacs: readonly string[] = [];

  constructor(options: AnnouncersOptions) {
    this.#options = options;
  }

  start(address: string, places: readonly string[], probe: ProbeMode): void {
    this.#answered.set(address, places);
    for (const place of this.#placesOf(address)) {
      // It may have been given up by itself, which is over with this.
      place.responder.withdraw(address);
      place.responder.announce(address, { probe });
    }
  }

  stop(address: string): void {
    for (const place of this.#placesOf(address)) place.responder.withdraw(address);
    this.#answered.delete(address);
  }

  repeat(address: string): void {
    for (const place of this.#placesOf(address)) place.responder.repeat(address);
  }

  ask(interfaceName: string, address: string, mac: number | undefined): void {
    this.#places.get(idOf(interfaceName, familyOf(address)))?.inquirer.ask(address, mac);
  }

  /** Where addresses are answered for may have changed. */
  move(placesOf: (address: string) => readonly string[]): void {
    for (const [address, before] of this.#answered) {
      const places = placesOf(address);
      if (places.join() === before.join()) continue;
      this.#answered.set(address, places);
      for (const place of this.#places.values()) this.#apply(place, "off");
    }
  }

  /** The interfaces that can announce now. */
  setInterfaces(interfaces: readonly AnnouncingInterface[]): void {
    const wanted = new Map<string, { readonly name: string; readonly family: Family }>();
    for (const { name, families } of interfaces) {
      for (const family of families) wanted.set(idOf(name, family), { name, family });
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
    this.#hostMacs = macs;
    this.#setMacs();
  }

  /** Those of other speakers: they hand addresses over by agreement. */
  setFellowMacs(macs: readonly number[]): void {
    this.#fellowMacs = macs.map(formatMac);
    this.#setMacs();
  }

  counters(): readonly AddressCounters[] {
    return Array.from(this.#answered.keys(), (address) => {
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
      const place = { name, family, ...(family === 4 ? this.#arp(name) : this.#ndp(name)) };
      this.#places.set(id, place);
      // While the interface was away another may have taken over unheard: what it says comes first.
      this.#apply(place, "optimistic");
    } catch (error) {
      this.#options.failed({ interface: name }, textOf(error));
    }
  }

  #apply(place: Place, probe: ProbeMode): void {
    const { responder } = place;
    for (const address of responder.addresses()) {
      if (!this.#isAnswered(address, place)) responder.withdraw(address);
    }
    for (const address of this.#answered.keys()) {
      if (this.#isAnswered(address, place)) responder.announce(address, { probe });
    }
  }

  #isAnswered(address: string, { name, family }: Place): boolean {
    const places = this.#answered.get(address);
    if (places === undefined || familyOf(address) !== family) return false;
    return places.length === 0 || places.includes(name);
  }

  *#placesOf(address: string): Iterable<Place> {
    for (const place of this.#places.values()) if (this.#isAnswered(address, place)) yield place;
  }

  #setMacs(): void {
    const macs = [...this.#hostMacs, ...this.#fellowMacs];
    for (const { responder } of this.#places.values()) responder.setOwnMacs(macs);
  }

  #arp(name: string): Equipment {
    const { openArp, clock } = this.#options;
    const { socket, inquirer } = inquiringArp(openArp(name), this.#inquiry(name));
    const responder = new ArpResponder(socket, clock, this.#shared(name, 4));
    responder.on("conflict", (conflict) => this.#tell(name, conflict));
    const counted = (address: string) => responder.counters(address) ?? NOTHING_COUNTED;
    return { inquirer, responder: inOneVocabulary(responder, counted) };
  }

  #ndp(name: string): Equipment {
    const { openNdp, clock } = this.#options;
    const { socket, inquirer } = inquiringNdp(openNdp(name), this.#inquiry(name));
    const responder = new NdpResponder(socket, clock, this.#shared(name, 6));
    responder.on("conflict", (conflict) => this.#tell(name, conflict));
    const counted = (address: string) => {
      const counters = responder.counters(address);
      if (counters === undefined) return NOTHING_COUNTED;
      const { solicitationsReceived, unsolicitedSent, ...rest } = counters;
      return { ...rest, requestsReceived: solicitationsReceived, gratuitousSent: unsolicitedSent };
    };
    return { inquirer, responder: inOneVocabulary(responder, counted) };
  }

  #inquiry(name: string) {
    const { clock, addressOn, answered } = this.#options;
    return {
      clock,
      ownAddress: () => addressOn(name),
      answered: (address: string, mac: number) => answered(name, address, mac),
    };
  }

  /** The options that are the same for both protocols. */
  #shared(name: string, family: Family) {
    const bucket = this.#buckets.get(name) ?? new SharedBucket();
    this.#buckets.set(name, bucket);
    return {
      // Whether to defend is decided where it is known who the other is.
      defend: "report",
      defendIntervalMs: TOLD_EVERY_MS,
      ...TWO_PROBES,
      refreshMs: this.#options.refreshMs,
      checkMs: CHECK_MS,
      bucket: bucket.seat(family),
      ownMacs: [...this.#hostMacs, ...this.#fellowMacs],
    } as const;
  }

  #tell(name: string, { address, mac, isKept }: Conflict): void {
    this.#options.conflict({ address, mac, interface: name, kept: isKept });
  }
}

/** What both protocols' responders tell of a conflict. */
type Conflict = Pick<AddressConflict, "address" | "mac" | "isKept">;

type Counted = Omit<AddressCounters, "address">;

/** What both protocols' responders do, in one vocabulary. */
interface Responder {
  addresses(): readonly string[];
  announce(address: string, options: { readonly probe: ProbeMode }): void;
  withdraw(address: string): void;
  repeat(address: string): void;
  counted(address: string): Counted;
  setOwnMacs(macs: readonly string[]): void;
  close(): void;
}

interface Equipment {
  readonly responder: Responder;
  readonly inquirer: Inquirer;
}

interface Place extends Equipment {
  readonly name: string;
  readonly family: Family;
}

function idOf(interfaceName: string, family: Family): string {
  return `${family} ${interfaceName}`;
}

function inOneVocabulary(
  responder: ArpResponder | NdpResponder,
  counted: (address: string) => Counted,
): Responder {
  return {
    addresses: () => responder.addresses,
    announce: (address, options) => responder.announce(address, options),
    withdraw: (address) => responder.withdraw(address),
    repeat: (address) => responder.repeat(address),
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

/** When to look once who else has an address: hosts that had it before say nothing of their own accord. */
const CHECK_MS = 5_000;

/** Packets that come together, such as a gratuitous request and reply, are one claim. */
const TOLD_EVERY_MS = 1_000;

/** Within 60 ms. */
const TWO_PROBES = {
  probeCount: 2,
  probeWaitMs: 0,
  probeMinMs: 30,
  probeMaxMs: 30,
  announceWaitMs: 30,
} as const;
