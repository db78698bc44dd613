import { isGroupMac, UNSPECIFIED } from "./group.ts";
import type { NdpPacket, NeighborAdvertisement, NeighborSolicitation } from "./message.ts";
import { linkLayerSource, linkLayerTarget, nonceOf } from "./sender.ts";

/** Whether a packet went to the interface with the hardware address `mac`, or to a group. */
export function isTo(mac: number, packet: NdpPacket): boolean {
  return packet.destinationMac === mac || isGroupMac(packet.destinationMac);
}

/**
 * Whether a solicitation asks if anybody has its target, without having it: the probe of duplicate
 * address detection.
 *
 * @see RFC 4862 section 5.4.2
 */
export function isProbe(solicitation: NeighborSolicitation): boolean {
  return solicitation.source === UNSPECIFIED;
}

/** Whether a solicitation can be answered: an answer to a group's hardware address is everybody's. */
export function isAnswerable(solicitation: NeighborSolicitation): boolean {
  return isProbe(solicitation) || !isGroupMac(linkLayerSource(solicitation));
}

/**
 * Whether a probe is one of those with these nonces, come back by a loop in the network.
 *
 * @see RFC 7527 section 4.2
 */
export function isLoopedBack(probe: NeighborSolicitation, nonces: readonly number[]): boolean {
  const nonce = nonceOf(probe);
  return nonce !== undefined && nonces.includes(nonce);
}

/**
 * Whether an advertisement says that another than the interface with the hardware address `mac` has its
 * target. One of ours with another's Ethernet source was only relayed.
 */
export function isOfAnother(advertisement: NeighborAdvertisement, mac: number): boolean {
  return linkLayerTarget(advertisement) !== mac;
}
