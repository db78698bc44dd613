import { ipv6Octets } from "./address.ts";
import type { GroupSocket } from "./group-pool.ts";
import * as libc from "./libc.ts";

/**
 * A socket that joins IPv6 multicast groups on one interface: the kernel tells the switches by MLD,
 * and lets the network card pass their frames, for as long as it is open. It carries no packet.
 *
 * @throws {SystemCallError} `EAFNOSUPPORT` when the machine has no IPv6 at all.
 */
export function openGroupSocket(interfaceIndex: number): GroupSocket {
  // A packet socket can have the card pass a group (PACKET_ADD_MEMBERSHIP), but no switch hears of it.
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, 0);
  const set = (option: libc.SocketOption, group: string) =>
    libc.setOption(fd, option, membershipRequest(group, interfaceIndex));
  return {
    join: (group) => set(IPV6_ADD_MEMBERSHIP, group),
    leave: (group) => set(IPV6_DROP_MEMBERSHIP, group),
    close: () => libc.close(fd),
  };
}

// struct ipv6_mreq, 20 octets
// |                               group (16 octets) ...                                   |
// |              interface index              |
function membershipRequest(group: string, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(ipv6Octets("group", group));
  new DataView(bytes.buffer).setUint32(16, interfaceIndex, true);
  return bytes;
}

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const IPPROTO_IPV6 = 41;
const IPV6_ADD_MEMBERSHIP: libc.SocketOption = {
  level: IPPROTO_IPV6,
  number: 20,
  name: "IPV6_ADD_MEMBERSHIP",
};
const IPV6_DROP_MEMBERSHIP: libc.SocketOption = {
  level: IPPROTO_IPV6,
  number: 21,
  name: "IPV6_DROP_MEMBERSHIP",
};
