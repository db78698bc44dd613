import type { Announcement } from "../dataplane/messages.ts";
import type { Key } from "../domain.ts";
import type { AnnouncementDecision } from "./announcement.ts";

/** The decision about a Service that this node answers for. */
export type Announced = AnnouncementDecision & { readonly announce: true };

/** What the dataplane is to do: one entry an address, those of Services that share one united. */
export function announcementsOf(all: Iterable<Announced>): readonly Announcement[] {
  const byAddress = new Map<string, Announcement>();
  for (const { addresses, interfaces } of all) {
    for (const address of addresses) {
      const other = byAddress.get(address);
      const everywhere = interfaces.length === 0 || other?.interfaces.length === 0;
      byAddress.set(address, {
        address,
        interfaces: everywhere ? [] : [...new Set([...(other?.interfaces ?? []), ...interfaces])],
      });
    }
  }
  return [...byAddress.values()];
}

/** The Services that have one of the addresses. */
export function servicesWith(
  all: ReadonlyMap<Key, Announced>,
  addresses: readonly string[],
): readonly Key[] {
  const keys: Key[] = [];
  for (const [key, announced] of all) {
    if (announced.addresses.some((address) => addresses.includes(address))) keys.push(key);
  }
  return keys;
}
