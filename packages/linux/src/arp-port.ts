import { half, PacketType, packetType } from "./bpf.ts";
import { type EthernetPort, FramePort } from "./frame-port.ts";
import type { LinkMonitor } from "./links.ts";

/** Where to speak ARP. */
export interface ArpSocketOptions {
  /** The interface's name; it may come later, go, and come back. */
  readonly interface: string;
  readonly links: LinkMonitor;
  /**
   * `requests` (the default) is what a responder needs, gratuitous requests and probes among them;
   * `all` adds the replies, which whoever looks for address conflicts must see as well
   * (RFC 5227 section 2.4).
   */
  readonly accept?: "requests" | "all";
}

/** ARP frames on the interface of a name. */
export type ArpPort = EthernetPort;

/**
 * Follows the interface of a name: opens when it is there and up, and again after it was deleted
 * and made anew, renamed or given another MAC address. Healing is its own business.
 *
 * @throws {MissingCapabilityError} without CAP_NET_RAW, even while the interface is not there.
 */
export function openArpSocket(options: ArpSocketOptions): ArpPort {
  return new FramePort({
    interface: options.interface,
    links: options.links,
    etherType: ETHERTYPE_ARP,
    accept: options.accept === "all" ? everything : requests,
    purpose: `an ARP socket on ${options.interface}`,
  });
}

const ETHERTYPE_ARP = 0x0806;
const OPERATION_OFFSET = 20;
const REQUEST = 1;
const REPLY = 2;

// As the kernel does, not those that promiscuous mode or a stray VLAN tag brought here.
const forUs = packetType.isNot(PacketType.otherHost);
const requests = [half(OPERATION_OFFSET).is(REQUEST), forUs];
const everything = [half(OPERATION_OFFSET).isOneOf(REQUEST, REPLY), forUs];
