import { ArpResponder, type ArpSocket } from "@ingot/arp";
import { NdpResponder, type NdpSocket } from "@ingot/ndp";
import { familyOf } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { Family } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { AddressCounters, Announcement } from "./messages.ts";

/** What {@link Announcers} works with; the sockets follow their interface by its name. */
export interface AnnouncersOptions {
  readonly clock: Clock;
  /** Between two repetitions of the gratuitous ARP of every announced address; 0: none. */
  readonly arpRefreshMs: number;
  /** @throws {Error} when that is not allowed. */
  readonly openArp: (interfaceName: string) => ArpSocket;
  /** @throws {Error} when that is not allowed. */
  readonly openNdp: (interfaceName: string) => NdpSocket;
  /** Another host claims an announced address; a planned move looks like that for a moment, too. */
  readonly conflict: (interfaceName: string, address: string, mac: string) => void;
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
  #announcements: readonly Announcement[] = [];

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
  }

  setAnnouncements(announcements: readonly Announcement[]): void {
    this.#announcements = announcements;
    for (const place of this.#places.values()) this.#apply(place);
  }

  counters(): readonly AddressCounters[] {
    return this.#announcements.map(({ address }) => {
      const sum = { address, requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 };
      for (const { family, responder } of this.#places.values()) {
        if (family !== familyOf(address)) continue;
        const counted = responder.counted(address);
        sum.requestsReceived += counted.requestsReceived;
        sum.responsesSent += counted.responsesSent;
        sum.gratuitousSent += counted.gratuitousSent;
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
    const { openArp, clock, arpRefreshMs: refreshMs } = this.#options;
    // Speakers settle among themselves who answers: a defence would undo what the newer owner told.
    const responder = new ArpResponder(openArp(name), clock, {
      defend: "report",
      refreshMs,
    });
    responder.on("conflict", ({ address, mac }) => this.#options.conflict(name, address, mac));
    return {
      addresses: () => responder.addresses,
      announce: (address) => responder.announce(address),
      withdraw: (address) => responder.withdraw(address),
      counted: (address) => responder.counters(address) ?? NOTHING_COUNTED,
      close: () => responder.close(),
    };
  }

  #ndp(name: string): Responder {
    const { openNdp, clock } = this.#options;
    const responder = new NdpResponder(openNdp(name), clock);
    responder.on("conflict", ({ address, mac }) => this.#options.conflict(name, address, mac));
    return {
      addresses: () => responder.addresses,
      announce: (address) => responder.announce(address),
      withdraw: (address) => responder.withdraw(address),
      counted: (address) => {
        const counters = responder.counters(address);
        if (counters === undefined) return NOTHING_COUNTED;
        const { solicitationsReceived, responsesSent, unsolicitedSent } = counters;
        return {
          requestsReceived: solicitationsReceived,
          responsesSent,
          gratuitousSent: unsolicitedSent,
        };
      },
      close: () => responder.close(),
    };
  }
}

type Counted = Omit<AddressCounters, "address">;

/** What both protocols' responders do, in one vocabulary. */
interface Responder {
  addresses(): readonly string[];
  announce(address: string): void;
  withdraw(address: string): void;
  counted(address: string): Counted;
  close(): void;
}

interface Place {
  readonly name: string;
  readonly family: Family;
  readonly responder: Responder;
}

const NOTHING_COUNTED: Counted = { requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 };
