import { addressText } from "./address.ts";

/** A network interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** Six octets on Ethernet; none, or another number of them, on other kinds of link. */
  readonly mac: Uint8Array;
  /** Set up by the administrator (IFF_UP). */
  readonly up: boolean;
  /**
   * Has a carrier and is not waiting for an authentication (IFF_LOWER_UP, IFF_DORMANT). Tells what
   * IFF_RUNNING tells, but not up to a second late.
   */
  readonly running: boolean;
  readonly loopback: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
  /** Of the bridge or bond this is a port of; 0 when it is none. */
  readonly masterIndex: number;
  /** Such as `bridge`, `veth` or `vlan`; empty for a network card. */
  readonly kind: string;
  readonly mtu: number;
}

/** An IP address of an interface. */
export interface LinkAddress {
  /** Of the interface. */
  readonly index: number;
  readonly family: 4 | 6;
  /** Canonical text. */
  readonly address: string;
  readonly prefixLength: number;
  /** 0 universe, 253 link, 254 host; rtnetlink(7). */
  readonly scope: number;
  /** Duplicate address detection has not finished, or has failed: it cannot be used. */
  readonly tentative: boolean;
}

/** What a dump can be asked of. */
export type DumpKind = "links" | "addresses";

/** One message from rtnetlink. */
export type NetlinkMessage = {
  /** Of the request this answers. */
  readonly sequence: number;
  /** Part of an answer to a dump; a message that is none tells what just happened. */
  readonly multipart: boolean;
  /** The dump is not consistent: what it lists changed meanwhile. */
  readonly interrupted: boolean;
} & (
  | {
      readonly type: "link";
      readonly gone: boolean;
      readonly link: Link;
      /** There when the kernel announces its own addresses anew, and others should do likewise. */
      readonly notifyPeers?: true;
    }
  | { readonly type: "address"; readonly gone: boolean; readonly address: LinkAddress }
  /** The end of a dump, or the refusal of one; `errno` is 0 when all went well. */
  | { readonly type: "end"; readonly errno: number }
);

/** A request to list all links or all addresses. */
export function encodeDumpRequest(of: DumpKind, sequence: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + (of === "links" ? IFINFOMSG_BYTES : IFADDRMSG_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, HOST_ORDER);
  view.setUint16(4, of === "links" ? RTM_GETLINK : RTM_GETADDR, HOST_ORDER);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, HOST_ORDER);
  view.setUint32(8, sequence, HOST_ORDER);
  return bytes;
}

/**
 * Reads the messages of one datagram. Messages of other types are left out, and so is what follows
 * a message whose length cannot be.
 */
export function decodeNetlink(datagram: Uint8Array): readonly NetlinkMessage[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER_BYTES <= datagram.length; ) {
    const length = view.getUint32(at, HOST_ORDER);
    if (length < HEADER_BYTES || at + length > datagram.length) break;
    const message = decodeMessage(datagram.subarray(at, at + length));
    if (message !== undefined) messages.push(message);
    at += align(length);
  }
  return messages;
}

// |                       length                        |        type       |       flags       |
// |                      sequence                       |               port                    |
function decodeMessage(bytes: Uint8Array): NetlinkMessage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint16(4, HOST_ORDER);
  const flags = view.getUint16(6, HOST_ORDER);
  const header = {
    sequence: view.getUint32(8, HOST_ORDER),
    multipart: (flags & NLM_F_MULTI) !== 0,
    interrupted: (flags & NLM_F_DUMP_INTR) !== 0,
  };
  const body = bytes.subarray(HEADER_BYTES);
  switch (type) {
    case NLMSG_ERROR:
    case NLMSG_DONE:
      return { ...header, type: "end", errno: decodeErrno(body) };
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      const link = decodeLink(body);
      if (link === undefined) return undefined;
      const message = { ...header, type: "link", gone: type === RTM_DELLINK, link } as const;
      return eventOf(body) === IFLA_EVENT_NOTIFY_PEERS
        ? { ...message, notifyPeers: true }
        : message;
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const address = decodeAddress(body);
      return address && { ...header, type: "address", gone: type === RTM_DELADDR, address };
    }
    default:
      return undefined;
  }
}

/** The kernel writes it negative. */
function decodeErrno(body: Uint8Array): number {
  return body.length < 4 ? 0 : Math.abs(u32(body) | 0);
}

// struct ifinfomsg
// |  family  |    0     |       hatype       |                index                  |
// |                  flags                   |                change                 |
function decodeLink(body: Uint8Array): Link | undefined {
  if (body.length < IFINFOMSG_BYTES) return undefined;
  // A bridge tells of its ports with the same message types and AF_BRIDGE; "deleted" then only
  // means that the port left the bridge.
  if (body[0] !== AF_UNSPEC) return undefined;
  const attributes = readAttributes(body.subarray(IFINFOMSG_BYTES));
  const name = attributes.get(IFLA_IFNAME);
  // Wireless drivers tell of their events with a message that has nothing of the link in it.
  if (name === undefined) return undefined;
  const flags = u32(body.subarray(8));
  const info = readAttributes(attributes.get(IFLA_LINKINFO) ?? NOTHING);
  return {
    index: u32(body.subarray(4)),
    name: text(name),
    mac: new Uint8Array(attributes.get(IFLA_ADDRESS) ?? NOTHING),
    up: (flags & IFF_UP) !== 0,
    running: (flags & (IFF_LOWER_UP | IFF_DORMANT)) === IFF_LOWER_UP,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    broadcast: (flags & IFF_BROADCAST) !== 0,
    noArp: (flags & IFF_NOARP) !== 0,
    masterIndex: u32(attributes.get(IFLA_MASTER)),
    kind: text(info.get(IFLA_INFO_KIND)),
    mtu: u32(attributes.get(IFLA_MTU)),
  };
}

/** Why the kernel tells of the link; 0 when nothing special happened. */
function eventOf(body: Uint8Array): number {
  return u32(readAttributes(body.subarray(IFINFOMSG_BYTES)).get(IFLA_EVENT));
}

// struct ifaddrmsg
// |  family  |prefix len.|  flags   |  scope   |                index                  |
function decodeAddress(body: Uint8Array): LinkAddress | undefined {
  if (body.length < IFADDRMSG_BYTES) return undefined;
  const [family, prefixLength = 0, shortFlags = 0, scope = 0] = body;
  const attributes = readAttributes(body.subarray(IFADDRMSG_BYTES));
  // On a point-to-point link IFA_ADDRESS is the other end's; IFA_LOCAL, where given, is ours.
  const octets = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (octets?.length !== (family === AF_INET ? 4 : 16)) return undefined;
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const flags = attributes.has(IFA_FLAGS) ? u32(attributes.get(IFA_FLAGS)) : shortFlags;
  return {
    index: u32(body.subarray(4)),
    family: family === AF_INET ? 4 : 6,
    address: addressText(octets),
    prefixLength,
    scope,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
  };
}

// |       length       |        type        |   value, padded to four octets ...    |
function readAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const attributes = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, HOST_ORDER);
    if (length < 4 || at + length > bytes.length) break;
    const type = view.getUint16(at + 2, HOST_ORDER) & NLA_TYPE_MASK;
    attributes.set(type, bytes.subarray(at + 4, at + length));
    at += align(length);
  }
  return attributes;
}

function u32(bytes: Uint8Array | undefined): number {
  if (bytes === undefined || bytes.length < 4) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, HOST_ORDER);
}

/** Up to the NUL. */
function text(bytes: Uint8Array = NOTHING): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function align(length: number): number {
  return (length + 3) & ~3;
}

const NOTHING = new Uint8Array(0);
/** Netlink speaks the byte order of the machine: little on every architecture served here. */
const HOST_ORDER = true;

const HEADER_BYTES = 16;
const IFINFOMSG_BYTES = 16;
const IFADDRMSG_BYTES = 8;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

const NLM_F_REQUEST = 0x1;
const NLM_F_MULTI = 0x2;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_DUMP = 0x300;
const NLA_TYPE_MASK = 0x3fff;

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_EVENT = 44;
const IFLA_EVENT_NOTIFY_PEERS = 4;
const IFLA_INFO_KIND = 1;

const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;
const IFF_LOWER_UP = 0x1_0000;
const IFF_DORMANT = 0x2_0000;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_F_TENTATIVE = 0x40;
