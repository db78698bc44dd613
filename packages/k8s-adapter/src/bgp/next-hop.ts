import { familyOf, subnetHolds } from "../address.ts";
import type { HostAddress } from "./router-id.ts";

/**
 * The addresses by which a peer reaches this node in the family that the session is not of: that of
 * the interface which the peer is behind. Empty where there is none: such routes cannot be sent.
 *
 * @param source The address that the session is bound to; empty: none.
 */
export function otherNextHop(
  host: readonly HostAddress[],
  peer: string,
  source: string,
): { readonly ipv4?: string; readonly ipv6?: string } {
  const near = host.find(({ address, prefixLength }) =>
    source === "" ? subnetHolds(`${address}/${prefixLength}`, peer) : address === source,
  );
  if (near === undefined) return {};
  const other = host.find(
    ({ device, address }) =>
      device === near.device && familyOf(address) !== familyOf(peer) && !/^fe[89ab]/.test(address),
  );
  if (other === undefined) return {};
  return familyOf(other.address) === 4 ? { ipv4: other.address } : { ipv6: other.address };
}
