import { Afi, Safi } from "./constants.ts";
import type { Capability, Family, OpenMessage } from "./message.ts";

/** The capability of a type. */
export type CapabilityOf<T extends Capability["type"]> = Extract<Capability, { readonly type: T }>;

/**
 * The capability of a type that counts; of several the last, as RFC 4724 section 3 has it for its own.
 */
export function findCapability<T extends Capability["type"]>(
  open: OpenMessage,
  type: T,
): CapabilityOf<T> | undefined {
  return open.capabilities.findLast(
    (capability): capability is CapabilityOf<T> => capability.type === type,
  );
}

/**
 * The families that an OPEN offers: each once, and IPv4 unicast when it speaks of none at all.
 *
 * @see RFC 4760 section 8
 */
export function offeredFamilies(open: OpenMessage): Family[] {
  const families = new Map<number, Family>();
  for (const capability of open.capabilities) {
    if (capability.type !== "multiprotocol") continue;
    const { afi, safi } = capability;
    families.set(afi * 0x100 + safi, { afi, safi });
  }
  return families.size === 0 ? [{ afi: Afi.ipv4, safi: Safi.unicast }] : [...families.values()];
}

/** Whether two families are the same. */
export function sameFamily(a: Family, b: Family): boolean {
  return a.afi === b.afi && a.safi === b.safi;
}

/** Whether a family is among others. */
export function includesFamily(families: readonly Family[], family: Family): boolean {
  for (const each of families) if (sameFamily(each, family)) return true;
  return false;
}

/** The sender's AS number, of four octets where it can. @see RFC 6793 section 4.1 */
export function asnOf(open: OpenMessage): number {
  return findCapability(open, "four-octet-as")?.asn ?? open.asn;
}
