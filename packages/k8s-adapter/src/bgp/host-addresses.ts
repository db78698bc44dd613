import { networkInterfaces } from "node:os";
import type { HostAddress } from "./router-id.ts";

/** The addresses of this host, but for those of interfaces that are excluded by their names. */
export function hostAddresses(excluded: RegExp): readonly HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) => {
    if (excluded.test(device)) return [];
    return addresses.map(({ address, cidr }) => ({
      device,
      address,
      prefixLength: Number(cidr?.split("/")[1] ?? (address.includes(":") ? 128 : 32)),
    }));
  });
}
