import { type Ipv6Address, parseIpv6 } from "./address.ts";

/** The absence of an address, `::`: the source of a probe. */
export const UNSPECIFIED: Ipv6Address = parseIpv6("::");

/** Every node on the link, `ff02::1`. */
export const ALL_NODES: Ipv6Address = parseIpv6("ff02::1");

/** Every router on the link, `ff02::2`. */
export const ALL_ROUTERS: Ipv6Address = parseIpv6("ff02::2");

/** Whether an address is in ff00::/8. */
export function isMulticast(address: Ipv6Address): boolean {
  return address.charCodeAt(0) >= 0xff00;
}

/** Whether an address is in fe80::/10. */
export function isLinkLocal(address: Ipv6Address): boolean {
  return (address.charCodeAt(0) & 0xffc0) === 0xfe80;
}

/**
 * The group that solicitations for an address go to: ff02::1:ff and its last 24 bits. That of such a
 * group is itself.
 *
 * @see RFC 4291 section 2.7.1
 */
export function solicitedNodeGroup(address: Ipv6Address): Ipv6Address {
  const bits23to16 = address.charCodeAt(6) & 0xff;
  const group = SOLICITED_NODE + String.fromCharCode(0xff00 | bits23to16) + address.slice(7);
  return group as Ipv6Address;
}

/** Whether an address is in ff02::1:ff00:0/104. */
export function isSolicitedNodeGroup(address: Ipv6Address): boolean {
  return address.startsWith(SOLICITED_NODE) && address.charCodeAt(6) >>> 8 === 0xff;
}

/** The Ethernet address of a group: 33:33 and its last 32 bits. @see RFC 2464 section 7 */
export function groupMac(group: Ipv6Address): number {
  return 0x3333_0000_0000 + group.charCodeAt(6) * 0x1_0000 + group.charCodeAt(7);
}

/** Whether a MAC address is a group's, the broadcast address among them. */
export function isGroupMac(mac: number): boolean {
  return Math.floor(mac / 2 ** 40) % 2 === 1;
}

/** The first six groups of ff02::1:ff00:0/104. */
const SOLICITED_NODE = parseIpv6("ff02::1:ff00:0").slice(0, 6);
