import { isLinkLocal, isMulticast, isSolicitedNodeGroup, UNSPECIFIED } from "./group.ts";
import type { NdpPacket } from "./message.ts";
import { NdpOptionNumber } from "./option.ts";
import { isChecksumRight } from "./packet.ts";

/** Which rule of RFC 4861 a packet breaks. */
export type Invalidity =
  | "hop limit is not 255"
  | "code is not 0"
  | "checksum is wrong"
  | "source is multicast"
  | "target is multicast"
  | "source is unspecified and destination no solicited-node group"
  | "source is unspecified and its link-layer address given"
  | "destination is multicast and the answer solicited"
  | "router is not link-local";

/**
 * Why a packet must be discarded, or undefined when it may be acted on. Lengths are no part of this:
 * whatever could be read has them right.
 *
 * @param frame what the packet was read from, for its checksum.
 * @see RFC 4861 sections 6.1.1, 6.1.2, 7.1.1 and 7.1.2; RFC 4291 section 2.7 for the multicast source
 */
export function invalidity(packet: NdpPacket, frame: Uint8Array): Invalidity | undefined {
  if (packet.hopLimit !== 255) return "hop limit is not 255";
  if (packet.code !== 0) return "code is not 0";
  if (!isChecksumRight(frame)) return "checksum is wrong";
  if (isMulticast(packet.source)) return "source is multicast";
  switch (packet.type) {
    case "neighbor-solicitation":
      if (isMulticast(packet.target)) return "target is multicast";
      if (packet.source === UNSPECIFIED && !isSolicitedNodeGroup(packet.destination)) {
        return "source is unspecified and destination no solicited-node group";
      }
      return invalidSource(packet);
    case "neighbor-advertisement":
      if (isMulticast(packet.target)) return "target is multicast";
      if (packet.solicited && isMulticast(packet.destination)) {
        return "destination is multicast and the answer solicited";
      }
      return undefined;
    case "router-solicitation":
      return invalidSource(packet);
    case "router-advertisement":
      return isLinkLocal(packet.source) ? undefined : "router is not link-local";
  }
}

function invalidSource({ source, options }: NdpPacket): Invalidity | undefined {
  if (source !== UNSPECIFIED) return undefined;
  const isGiven = options.some(
    (option) =>
      option.type === "source-link-layer" ||
      (option.type === "other" && option.number === NdpOptionNumber.sourceLinkLayer),
  );
  return isGiven ? "source is unspecified and its link-layer address given" : undefined;
}
