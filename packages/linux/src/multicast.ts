import { addressText, ipv6Octets } from "./address.ts";

/**
 * The group that neighbour solicitations for an address are sent to: ff02::1:ff00:0 and the last 24
 * bits of the address (RFC 4291 section 2.7.1). Many addresses share one.
 *
 * @throws {RangeError} when `target` is not a unicast IPv6 address in text.
 */
export function solicitedNodeGroup(target: string): string {
  const octets = ipv6Octets("target", target);
  if (octets[0] === MULTICAST) {
    throw new RangeError(`target must not be a multicast address, got ${JSON.stringify(target)}`);
  }
  return addressText(Uint8Array.of(...SOLICITED_NODE_PREFIX, ...octets.subarray(13)));
}

/**
 * The canonical text of a group.
 *
 * @throws {RangeError} when `group` is not an IPv6 multicast address in text.
 */
export function canonicalGroup(group: string): string {
  const octets = ipv6Octets("group", group);
  if (octets[0] !== MULTICAST) {
    throw new RangeError(`group must be a multicast address, got ${JSON.stringify(group)}`);
  }
  return addressText(octets);
}

const MULTICAST = 0xff;
const SOLICITED_NODE_PREFIX = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff] as const;
