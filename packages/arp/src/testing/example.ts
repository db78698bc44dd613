import type { ArpPacket } from "../packet.ts";

/** The hardware address of the interface under test. */
export const ours = 0x0200_0000_0001;

/** That of another interface of the same host. */
export const sibling = 0x0200_0000_0002;

/** That of another host. */
export const theirs = 0x0200_0000_0009;

/** 192.0.2.10, which is announced. */
export const vip = 0xc000_020a;

/** The other host asks who has the address. */
export const request: ArpPacket = {
  destination: 0xffff_ffff_ffff,
  source: theirs,
  hardwareType: 1,
  protocolType: 0x0800,
  operation: 1,
  senderMac: theirs,
  senderAddress: 0xc000_0209,
  targetMac: 0,
  targetAddress: vip,
};

/** What turns the request into one for a third address, from the announced one. */
export const fromVip: Partial<ArpPacket> = { senderAddress: vip, targetAddress: 0xc000_0263 };
