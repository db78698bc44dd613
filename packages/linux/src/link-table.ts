import { isDeepStrictEqual } from "node:util";
import type { DumpKind, Link, LinkAddress, NetlinkMessage } from "./netlink.ts";

// What there is, told by two sources at once: dumps list everything at some moment, notifications
// tell of each change. A notification is news about its object whenever it comes; so the parts of
// a dump that a notification has overtaken are passed over, and when the dump ends, what neither
// listed nor notified is gone.
//
//  state       | notification | part of the dump | its end                     | interrupted | failed
//  idle        | apply        | -                | -                           | -           | -
//  links       | apply, mark  | apply if unmarked| sweep, dump addresses       | dump links  | failed
//  addresses   | apply, mark  | apply if unmarked| sweep, synced, idle         | dump addr.  | failed

/** One difference between what was there and what is, or what else there is to know of a link. */
export type LinkChange =
  | { readonly type: "link"; readonly link: Link }
  | { readonly type: "linkGone"; readonly link: Link }
  /** No difference: its neighbours are to be told of its addresses anew. */
  | { readonly type: "notifyPeers"; readonly link: Link }
  | { readonly type: "address"; readonly address: LinkAddress }
  | { readonly type: "addressGone"; readonly address: LinkAddress };

/** What to do, or to tell, next. */
export type LinkTableOutput =
  | LinkChange
  /** Send this request. */
  | { readonly type: "dump"; readonly of: DumpKind; readonly sequence: number }
  /** The table is complete. */
  | { readonly type: "synced" }
  /** The dump was refused: begin again. */
  | { readonly type: "failed"; readonly errno: number };

/** The links and addresses of a network namespace, as rtnetlink tells of them. Never throws. */
export class LinkTable {
  readonly #links = new Map<number, Link>();
  readonly #addresses = new Map<string, LinkAddress>();
  #dump: Dump | undefined;
  #sequence = 0;

  get links(): ReadonlyMap<number, Link> {
    return this.#links;
  }

  get addresses(): readonly LinkAddress[] {
    return [...this.#addresses.values()];
  }

  /** Begins to list everything, on a socket that is subscribed already. */
  sync(): readonly LinkTableOutput[] {
    return this.#beginDump("links");
  }

  handle(message: NetlinkMessage): readonly LinkTableOutput[] {
    const dump = this.#dump?.sequence === message.sequence ? this.#dump : undefined;
    if (message.type === "end") return dump === undefined ? [] : this.#endDump(dump, message);
    if (message.multipart) return dump === undefined ? [] : this.#part(dump, message);
    return this.#apply(message, this.#dump?.known);
  }

  #beginDump(of: DumpKind): readonly LinkTableOutput[] {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#dump = { of, sequence: this.#sequence, known: new Set(), interrupted: false };
    return [{ type: "dump", of, sequence: this.#sequence }];
  }

  #part(dump: Dump, message: ObjectMessage): readonly LinkTableOutput[] {
    dump.interrupted ||= message.interrupted;
    return dump.known.has(keyOf(message)) ? [] : this.#apply(message, dump.known);
  }

  #endDump(dump: Dump, message: NetlinkMessage & { type: "end" }): readonly LinkTableOutput[] {
    this.#dump = undefined;
    if (message.errno !== 0) return [{ type: "failed", errno: message.errno }];
    if (dump.interrupted || message.interrupted) return this.#beginDump(dump.of);
    if (dump.of === "links")
      return [...this.#sweepLinks(dump.known), ...this.#beginDump("addresses")];
    return [...this.#sweepAddresses(dump.known), { type: "synced" }];
  }

  /** `known` is told of every object that this speaks of. */
  #apply(message: ObjectMessage, known: Set<string> | undefined): readonly LinkChange[] {
    known?.add(keyOf(message));
    if (message.type === "address") {
      return message.gone ? this.#dropAddress(message.address) : this.#putAddress(message.address);
    }
    const { link, gone, notifyPeers } = message;
    if (gone) return this.#dropLink(link.index);
    return [
      ...this.#putLink(link),
      ...(notifyPeers ? [{ type: "notifyPeers", link } as const] : []),
    ];
  }

  #putLink(link: Link): readonly LinkChange[] {
    if (isDeepStrictEqual(this.#links.get(link.index), link)) return [];
    this.#links.set(link.index, link);
    return [{ type: "link", link }];
  }

  #dropLink(index: number): readonly LinkChange[] {
    const link = this.#links.get(index);
    if (link === undefined) return [];
    this.#links.delete(index);
    const orphans = this.addresses.filter((address) => address.index === index);
    return [
      ...orphans.flatMap((address) => this.#dropAddress(address)),
      { type: "linkGone", link },
    ];
  }

  #putAddress(address: LinkAddress): readonly LinkChange[] {
    const key = addressKey(address);
    if (isDeepStrictEqual(this.#addresses.get(key), address)) return [];
    this.#addresses.set(key, address);
    return [{ type: "address", address }];
  }

  #dropAddress(address: LinkAddress): readonly LinkChange[] {
    const known = this.#addresses.get(addressKey(address));
    if (known === undefined) return [];
    this.#addresses.delete(addressKey(address));
    return [{ type: "addressGone", address: known }];
  }

  #sweepLinks(known: ReadonlySet<string>): readonly LinkChange[] {
    const gone = [...this.#links.keys()].filter((index) => !known.has(linkKey(index)));
    return gone.flatMap((index) => this.#dropLink(index));
  }

  #sweepAddresses(known: ReadonlySet<string>): readonly LinkChange[] {
    const gone = this.addresses.filter((address) => !known.has(addressKey(address)));
    return gone.flatMap((address) => this.#dropAddress(address));
  }
}

type ObjectMessage = NetlinkMessage & { type: "link" | "address" };

interface Dump {
  readonly of: DumpKind;
  readonly sequence: number;
  /** The keys of what the dump listed and notifications told of since it began. */
  readonly known: Set<string>;
  interrupted: boolean;
}

function keyOf(message: ObjectMessage): string {
  return message.type === "link" ? linkKey(message.link.index) : addressKey(message.address);
}

function linkKey(index: number): string {
  return `${index}`;
}

/** The same address may be on two links, and on one link with two prefix lengths. */
function addressKey(address: LinkAddress): string {
  return `${address.index} ${address.address}/${address.prefixLength}`;
}
