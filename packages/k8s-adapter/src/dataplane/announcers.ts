import { ArpResponder, type ArpSocket } from "@ingot/arp";
import { familyOf } from "../address.ts";
import type { Clock } from "../clock.ts";
import { textOf } from "../error-text.ts";
import type { AddressCounters, Announcement } from "./messages.ts";

/** What {@link Announcers} works with. */
export interface AnnouncersOptions {
  readonly clock: Clock;
  /** Opens a socket that follows the interface by its name. @throws {Error} when that is not allowed. */
  readonly openArp: (interfaceName: string) => ArpSocket;
  /** Something could not be done; the rest goes on. */
  readonly failed: (fields: object, message: string) => void;
}

/**
 * One ARP responder an interface, and on each the addresses that are wanted there. Told the
 * interfaces and the announcements whole, it changes only what differs.
 */
export class Announcers {
  readonly #options: AnnouncersOptions;
  readonly #responders = new Map<string, ArpResponder>();
  #announcements: readonly Announcement[] = [];

  constructor(options: AnnouncersOptions) {
    this.#options = options;
  }

  /** Names of the interfaces that can announce now. */
  setInterfaces(names: readonly string[]): void {
    for (const [name, responder] of this.#responders) {
      if (names.includes(name)) continue;
      responder.close();
      this.#responders.delete(name);
    }
    for (const name of names) {
      if (!this.#responders.has(name)) this.#open(name);
    }
  }

  setAnnouncements(announcements: readonly Announcement[]): void {
    this.#announcements = announcements.filter(({ address }) => familyOf(address) === 4);
    for (const [name, responder] of this.#responders) this.#apply(name, responder);
  }

  counters(): readonly AddressCounters[] {
    return this.#announcements.map(({ address }) => {
      const sum = { address, requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 };
      for (const responder of this.#responders.values()) {
        const counters = responder.counters(address);
        if (counters === undefined) continue;
        sum.requestsReceived += counters.requestsReceived;
        sum.responsesSent += counters.responsesSent;
        sum.gratuitousSent += counters.gratuitousSent;
      }
      return sum;
    });
  }

  close(): void {
    this.setInterfaces([]);
  }

  #open(name: string): void {
    try {
      const responder = new ArpResponder(this.#options.openArp(name), this.#options.clock);
      this.#responders.set(name, responder);
      this.#apply(name, responder);
    } catch (error) {
      this.#options.failed({ interface: name }, textOf(error));
    }
  }

  #apply(name: string, responder: ArpResponder): void {
    const wanted = new Set<string>();
    for (const { address, interfaces } of this.#announcements) {
      if (interfaces.length === 0 || interfaces.includes(name)) wanted.add(address);
    }
    for (const address of responder.addresses) {
      if (!wanted.has(address)) responder.withdraw(address);
    }
    for (const address of wanted) responder.announce(address);
  }
}
