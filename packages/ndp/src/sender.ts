import { macFromBytes } from "./address.ts";
import type { NdpPacket, NeighborAdvertisement, NeighborSolicitation } from "./message.ts";

/** The hardware address of a packet's sender: as its option says, or else as the frame does. */
export function linkLayerSource(packet: NdpPacket): number {
  const option = packet.options.find(({ type }) => type === "source-link-layer");
  return option?.type === "source-link-layer" ? option.mac : packet.sourceMac;
}

/** The hardware address of an advertised target: as its option says, or else as the frame does. */
export function linkLayerTarget(packet: NeighborAdvertisement): number {
  const option = packet.options.find(({ type }) => type === "target-link-layer");
  return option?.type === "target-link-layer" ? option.mac : packet.sourceMac;
}

/** The nonce of a solicitation as a 48-bit number; undefined without one of that size. */
export function nonceOf(packet: NeighborSolicitation): number | undefined {
  const option = packet.options.find(({ type }) => type === "nonce");
  if (option?.type !== "nonce" || option.bytes.length !== 6) return undefined;
  return macFromBytes(option.bytes);
}
