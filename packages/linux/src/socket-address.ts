import type { IpAddress } from "./ip-address.ts";

// struct sockaddr_in, 16 octets
// |    family (host)    |   port (network)    |                address                    |
// |                                     zero (8 octets)                                   |
//
// struct sockaddr_in6, 28 octets
// |    family (host)    |   port (network)    |               flow label                  |
// |                               address (16 octets) ...                                 |
// |                 scope                     |

/**
 * An address and port as `bind` and `sendto` want them. The scope of a link-local address is left
 * to the device that the socket is bound to.
 */
export function socketAddress(address: IpAddress, port: number): Uint8Array {
  const isIpv4 = address.family === 4;
  const bytes = new Uint8Array(isIpv4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, familyNumber(address.family), true);
  view.setUint16(2, port);
  bytes.set(address.octets, isIpv4 ? 4 : 8);
  return bytes;
}

/** AF_INET or AF_INET6. */
export function familyNumber(family: 4 | 6): number {
  return family === 4 ? AF_INET : AF_INET6;
}

const AF_INET = 2;
const AF_INET6 = 10;
