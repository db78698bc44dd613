import { type Ipv6Address, macToBytes } from "./address.ts";
import { ALL_NODES, ALL_ROUTERS, groupMac, solicitedNodeGroup, UNSPECIFIED } from "./group.ts";
import type {
  NdpHeader,
  NeighborAdvertisement,
  NeighborSolicitation,
  RouterAdvertisement,
  RouterSolicitation,
} from "./message.ts";
import type { NdpOption } from "./option.ts";
import { linkLayerSource } from "./sender.ts";

/**
 * The answer to a solicitation, from the hardware address `mac` and from the target itself: hosts
 * disregard one from another address. It goes to whoever asked, Solicited; or, as a probe has no
 * address to answer to, to all nodes.
 *
 * @param override whether it replaces what neighbours had in their caches; by default it does.
 * @see RFC 4861 section 7.2.4; RFC 4429 section 3.3 for an address that is asked for still
 */
export function answerTo(
  solicitation: NeighborSolicitation,
  mac: number,
  override = true,
): NeighborAdvertisement {
  const { source, target } = solicitation;
  if (source === UNSPECIFIED) {
    return neighborAdvertisement(target, mac, ALL_NODES_MAC, ALL_NODES, false, override);
  }
  const destinationMac = linkLayerSource(solicitation);
  return neighborAdvertisement(target, mac, destinationMac, source, true, override);
}

/**
 * The advertisement that tells all nodes who has an address now.
 *
 * @see RFC 4861 section 7.2.6, RFC 9131
 */
export function unsolicited(address: Ipv6Address, mac: number): NeighborAdvertisement {
  return neighborAdvertisement(address, mac, ALL_NODES_MAC, ALL_NODES, false, true);
}

/**
 * The question whether anybody has an address already; `nonce`, a 48-bit number, tells it from
 * everybody else's.
 *
 * @see RFC 4862 section 5.4.2, RFC 7527 section 4.1
 */
export function probe(address: Ipv6Address, mac: number, nonce: number): NeighborSolicitation {
  return {
    type: "neighbor-solicitation",
    ...toGroup(solicitedNodeGroup(address), UNSPECIFIED, mac),
    options: [{ type: "nonce", bytes: macToBytes(nonce) }],
    target: address,
  };
}

/**
 * The question who has an address, from a link-local address of whoever asks: the answer comes to him
 * alone, while a probe is answered to all nodes, whose caches the answer changes.
 *
 * @see RFC 4861 section 7.2.2
 */
export function neighborSolicitation(
  address: Ipv6Address,
  source: Ipv6Address,
  mac: number,
): NeighborSolicitation {
  return {
    type: "neighbor-solicitation",
    ...toGroup(solicitedNodeGroup(address), source, mac),
    options: [{ type: "source-link-layer", mac }],
    target: address,
  };
}

/**
 * The question which routers there are, from a link-local address or from {@link UNSPECIFIED}.
 *
 * @see RFC 4861 section 6.3.7
 */
export function routerSolicitation(source: Ipv6Address, mac: number): RouterSolicitation {
  const options: NdpOption[] = source === UNSPECIFIED ? [] : [{ type: "source-link-layer", mac }];
  return { type: "router-solicitation", ...toGroup(ALL_ROUTERS, source, mac), options };
}

/** What a Router Advertisement says, but for who sends it. */
export type RouterContent = Omit<RouterAdvertisement, Exclude<keyof NdpHeader, "options"> | "type">;

/**
 * The advertisement of a router with the link-local address `source` to all nodes. Its link-layer
 * option comes first.
 *
 * @see RFC 4861 section 6.2.3
 */
export function routerAdvertisement(
  content: RouterContent,
  source: Ipv6Address,
  mac: number,
): RouterAdvertisement {
  return {
    type: "router-advertisement",
    ...toGroup(ALL_NODES, source, mac),
    ...content,
    options: [{ type: "source-link-layer", mac }, ...content.options],
  };
}

/** Spelled out, as it is made for every answer and spreading `toGroup` takes a hundred times as long. */
function neighborAdvertisement(
  target: Ipv6Address,
  mac: number,
  destinationMac: number,
  destination: Ipv6Address,
  solicited: boolean,
  override: boolean,
): NeighborAdvertisement {
  return {
    type: "neighbor-advertisement",
    destinationMac,
    sourceMac: mac,
    destination,
    source: target,
    hopLimit: 255,
    code: 0,
    options: [{ type: "target-link-layer", mac }],
    target,
    router: false,
    solicited,
    override,
  };
}

const ALL_NODES_MAC = groupMac(ALL_NODES);

function toGroup(
  destination: Ipv6Address,
  source: Ipv6Address,
  sourceMac: number,
): Omit<NdpHeader, "options"> {
  const destinationMac = groupMac(destination);
  return { destinationMac, sourceMac, destination, source, hopLimit: 255, code: 0 };
}
