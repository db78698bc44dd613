import { AdoptedSocket } from "./adopt.ts";
import * as libc from "./libc.ts";

/**
 * A netlink socket to the kernel's routing tables, of this thread's network namespace.
 *
 * @throws {SystemCallError}
 */
export function openRouteSocket(groups: number): AdoptedSocket {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  try {
    libc.bind(fd, netlinkAddress(groups));
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return new AdoptedSocket(fd);
}

// struct sockaddr_nl, 12 octets: port 0 lets the kernel choose
// |       family        |          0         |                 port                  |
// |                  groups                  |
function netlinkAddress(groups: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  return bytes;
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
