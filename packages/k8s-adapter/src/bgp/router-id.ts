import { familyOf, subnetHolds } from "../address.ts";

/** An address of this host, with the length of its subnet. */
export interface HostAddress {
  /** Name of the interface that has it. */
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
}

/**
 * The BGP identifier of this node towards a peer: its address in the peer's subnet, otherwise its
 * first other IPv4 address that is not of the loopback, otherwise a hash of its name, as MetalLB does.
 *
 * @param source The address that the session is bound to; empty: none.
 */
export function deriveRouterId(
  node: string,
  host: readonly HostAddress[],
  peer: string,
  source: string,
): string {
  if (source !== "" && familyOf(source) === 4) return source;
  const own = host.filter(
    ({ address }) => familyOf(address) === 4 && !/^(?:127|169\.254|0)\./.test(address),
  );
  const near = own.find(({ address, prefixLength }) =>
    subnetHolds(`${address}/${prefixLength}`, peer),
  );
  return (near ?? own[0])?.address ?? hashOf(node);
}

/** CRC-32 (IEEE) of the name, its octets the other way round. */
function hashOf(name: string): string {
  let crc = 0xffff_ffff;
  for (const octet of new TextEncoder().encode(name)) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb8_8320);
  }
  const value = (crc ^ 0xffff_ffff) >>> 0;
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24].join(".");
}
