import { BROADCAST_MAC } from "./address.ts";
import { ArpHardware, ArpOperation, type ArpPacket, ArpProtocol } from "./packet.ts";

/**
 * Whether a packet asks the interface with the hardware address `mac` for its target address. Who
 * asks does not matter: probes and gratuitous requests ask, too.
 */
export function isRequestTo(mac: number, packet: ArpPacket): boolean {
  return (
    packet.operation === ArpOperation.request &&
    isIpv4OverEthernet(packet) &&
    (packet.destination === BROADCAST_MAC || packet.destination === mac)
  );
}

/**
 * Whether a packet says that its sender has the sender address: every request and reply does.
 *
 * @see RFC 5227 section 2.4
 */
export function isClaim(packet: ArpPacket): boolean {
  const { operation } = packet;
  const isArp = operation === ArpOperation.request || operation === ArpOperation.reply;
  return isArp && isIpv4OverEthernet(packet);
}

/**
 * Whether a packet says that its sender wants the target address.
 *
 * @see RFC 5227 section 1.1 "ARP Probe"
 */
export function isProbe(packet: ArpPacket): boolean {
  return (
    packet.operation === ArpOperation.request &&
    packet.senderAddress === 0 &&
    isIpv4OverEthernet(packet)
  );
}

function isIpv4OverEthernet(packet: ArpPacket): boolean {
  return packet.hardwareType === ArpHardware.ethernet && packet.protocolType === ArpProtocol.ipv4;
}
