import { BROADCAST_MAC } from "./address.ts";
import { ArpHardware, ArpOperation, type ArpPacket, ArpProtocol } from "./packet.ts";

/**
 * The reply to a request, from the hardware address `mac`: the packet turned round, unicast to
 * whoever asks. A probe's sender address 0.0.0.0 is turned round like any other.
 *
 * @see RFC 826 "Packet Reception", RFC 5227 section 2.1.1
 */
export function replyTo(request: ArpPacket, mac: number): ArpPacket {
  return {
    destination: request.senderMac,
    source: mac,
    hardwareType: ArpHardware.ethernet,
    protocolType: ArpProtocol.ipv4,
    operation: ArpOperation.reply,
    senderMac: mac,
    senderAddress: request.targetAddress,
    targetMac: request.senderMac,
    targetAddress: request.senderAddress,
  };
}

/**
 * The broadcast request that asks whether anybody has an address, without a claim to it.
 *
 * @see RFC 5227 section 2.1.1: the sender address is 0.0.0.0, the target hardware address zero.
 */
export function probe(address: number, mac: number): ArpPacket {
  return { ...gratuitous(ArpOperation.request, address, mac, 0), senderAddress: 0 };
}

/**
 * The question who has an address, as a neighbour puts it that has `sender` itself; to all, or to the
 * one hardware address that is believed to have it.
 *
 * @see RFC 826 "Packet Generation", RFC 1122 section 2.3.2.1 for unicast polls
 */
export function question(
  address: number,
  sender: number,
  mac: number,
  destination: number = BROADCAST_MAC,
): ArpPacket {
  const request = gratuitous(ArpOperation.request, address, mac, 0);
  return { ...request, destination, senderAddress: sender };
}

/**
 * The broadcast request for one's own address that tells all neighbours who has it now.
 *
 * @see RFC 5227 section 2.3: the target hardware address is unused and zero.
 */
export function gratuitousRequest(address: number, mac: number): ArpPacket {
  return gratuitous(ArpOperation.request, address, mac, 0);
}

/**
 * The broadcast reply that nobody asked for, for neighbours that do not learn from requests.
 *
 * @see RFC 5944 section 4.6: the target hardware address is the one to be learned. Linux takes a
 *   reply for gratuitous only then, and else disregards it within a second of the last change.
 */
export function gratuitousReply(address: number, mac: number): ArpPacket {
  return gratuitous(ArpOperation.reply, address, mac, mac);
}

function gratuitous(operation: number, address: number, mac: number, target: number): ArpPacket {
  return {
    destination: BROADCAST_MAC,
    source: mac,
    hardwareType: ArpHardware.ethernet,
    protocolType: ArpProtocol.ipv4,
    operation,
    senderMac: mac,
    senderAddress: address,
    targetMac: target,
    targetAddress: address,
  };
}
