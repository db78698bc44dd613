import { Address4, Address6 } from "ip-address";
import type { Family } from "./domain.ts";

/** The canonical text of an address (RFC 5952 for IPv6), or undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (text.includes("/") || text.includes("%")) return undefined;
  if (Address4.isValid(text)) return new Address4(text).correctForm();
  return Address6.isValid(text) ? new Address6(text).correctForm() : undefined;
}

/** The family of an address in canonical text. */
export function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

/** Whether a subnet (CIDR text) holds an address; false when the families differ. */
export function subnetHolds(subnet: string, address: string): boolean {
  if (familyOf(subnet) !== familyOf(address)) return false;
  return familyOf(address) === 4
    ? new Address4(address).isInSubnet(new Address4(subnet))
    : new Address6(address).isInSubnet(new Address6(subnet));
}

/** The subnet that an address with a prefix length is in, as CIDR text. */
export function subnetOf(address: string, prefixLength: number): string {
  const network =
    familyOf(address) === 4
      ? new Address4(`${address}/${prefixLength}`).startAddress()
      : new Address6(`${address}/${prefixLength}`).startAddress();
  return `${network.correctForm()}/${prefixLength}`;
}
