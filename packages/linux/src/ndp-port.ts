import { type FilterTest, half, PacketType, packetType } from "./bpf.ts";
import { type EthernetPort, FramePort, type FramePortOptions } from "./frame-port.ts";
import type { LinkMonitor } from "./links.ts";
import { Membership } from "./membership.ts";
import { canonicalGroup, solicitedNodeGroup } from "./multicast.ts";

/** Where to speak NDP. */
export interface NdpSocketOptions {
  /** The interface's name; it may come later, go, and come back. */
  readonly interface: string;
  readonly links: LinkMonitor;
  /**
   * `solicitations` (the default) is what a responder needs: neighbour solicitations, probes for
   * duplicate addresses among them. `all` adds neighbour advertisements, which whoever looks for
   * address conflicts must see as well, and router solicitations and advertisements.
   */
  readonly accept?: "solicitations" | "all";
}

/**
 * NDP frames on the interface of a name. What does not come from this very link (hop limit not 255,
 * RFC 4861 section 7.1), has a code other than 0, or has extension headers before ICMPv6 is not
 * among them. Checksums are not looked at.
 */
export interface NdpPort extends EthernetPort {
  /**
   * Joins the solicited-node group of an address, to which solicitations for it are sent, and again
   * whenever the interface was made anew. Many addresses share one group: joins are counted.
   * Returns what leaves. It takes effect soon after, and never fails but for a wrong target.
   *
   * @throws {RangeError} when `target` is not a unicast IPv6 address.
   */
  join(target: string): () => void;
  /**
   * Joins any other group in the same way, such as `ff02::2` to hear router solicitations.
   *
   * @throws {RangeError} when `group` is not an IPv6 multicast address.
   */
  joinGroup(group: string): () => void;
  /** Called when a group could not be joined on an interface that is there; tried again each second. */
  onJoinFailed: ((error: unknown) => void) | undefined;
}

/**
 * Follows the interface of a name as `openArpSocket` does, and keeps the multicast groups that are
 * joined on it.
 *
 * @throws {MissingCapabilityError} without CAP_NET_RAW, even while the interface is not there.
 */
export function openNdpSocket(options: NdpSocketOptions): NdpPort {
  return new NdpFramePort({
    interface: options.interface,
    links: options.links,
    etherType: ETHERTYPE_IPV6,
    accept: options.accept === "all" ? everything : solicitations,
    purpose: `an NDP socket on ${options.interface}`,
  });
}

class NdpFramePort extends FramePort implements NdpPort {
  onJoinFailed: ((error: unknown) => void) | undefined;
  readonly #membership: Membership;

  constructor(options: FramePortOptions) {
    super(options);
    this.#membership = new Membership(options.interface, options.links);
    this.#membership.onFailed = (error) => this.onJoinFailed?.(error);
  }

  join(target: string): () => void {
    return this.#membership.join(solicitedNodeGroup(target));
  }

  joinGroup(group: string): () => void {
    return this.#membership.join(canonicalGroup(group));
  }

  override close(): void {
    super.close();
    this.#membership.close();
  }
}

const ETHERTYPE_IPV6 = 0x86dd;
/** The next header and, in the octet after it, the hop limit. */
const NEXT_HEADER_OFFSET = 20;
const ICMPV6_FROM_THIS_LINK = 0x3aff;
/** The ICMPv6 type and, in the octet after it, the code. */
const TYPE_OFFSET = 54;
const ROUTER_SOLICITATION = 0x8500;
const ROUTER_ADVERTISEMENT = 0x8600;
const NEIGHBOUR_SOLICITATION = 0x8700;
const NEIGHBOUR_ADVERTISEMENT = 0x8800;

const solicitations = ndpFilter(half(TYPE_OFFSET).is(NEIGHBOUR_SOLICITATION));
const everything = ndpFilter(
  half(TYPE_OFFSET).isOneOf(
    ROUTER_SOLICITATION,
    ROUTER_ADVERTISEMENT,
    NEIGHBOUR_SOLICITATION,
    NEIGHBOUR_ADVERTISEMENT,
  ),
);

function ndpFilter(ofType: FilterTest): readonly FilterTest[] {
  return [
    half(NEXT_HEADER_OFFSET).is(ICMPV6_FROM_THIS_LINK),
    ofType,
    // As the kernel does, not those that promiscuous mode or a stray VLAN tag brought here.
    packetType.isNot(PacketType.otherHost),
    packetType.isNot(PacketType.outgoing),
  ];
}
