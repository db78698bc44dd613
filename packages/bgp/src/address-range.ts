import { formatAddress, isLinkLocal, readAddress } from "./address.ts";

/** A range of addresses, to which connections are accepted from anybody. */
export class AddressRange {
  readonly address: string;
  readonly lengthBits: number;
  readonly #octets: Uint8Array;

  /** @param text a prefix that has been checked. */
  constructor(text: string) {
    const slash = text.lastIndexOf("/");
    this.address = text.slice(0, slash);
    this.lengthBits = Number(text.slice(slash + 1));
    this.#octets = readAddress(this.address);
  }

  /** Whether an address in canonical text is within. */
  has(address: string): boolean {
    const octets = readAddress(address);
    if (octets.length !== this.#octets.length) return false;
    return this.#octets.every((octet, i) => {
      const bits = Math.min(8, Math.max(0, this.lengthBits - 8 * i));
      return ((octet ^ (octets[i] ?? 0)) & (0xff00 >> bits) & 0xff) === 0;
    });
  }
}

/**
 * What a peer is looked up by: its address, with the interface where the address means nothing by
 * itself. Two links may have the same link-local address.
 */
export function peerName(address: string, device: string | undefined): string {
  const text = canonicalAddress(address);
  return device !== undefined && isLinkLocal(text) ? `${text}%${device}` : text;
}

/**
 * An address as peers have it: canonical, and an IPv4 address even where a socket of both
 * families gives it as IPv6.
 */
export function canonicalAddress(text: string): string {
  const octets = readAddress(text);
  if (octets.length === 0) return text;
  const isMapped =
    octets.length === 16 && octets.every((octet, i) => i > 11 || octet === (i < 10 ? 0x00 : 0xff));
  return formatAddress(isMapped ? octets.subarray(12) : octets);
}
