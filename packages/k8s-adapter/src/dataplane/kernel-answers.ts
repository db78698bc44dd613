import { readFileSync } from "node:fs";

/**
 * Whether the kernel answers ARP on an interface for addresses that are on other ones: it does
 * unless `arp_ignore` is set, for the interface or for all of them.
 *
 * @param read Reads a kernel parameter; by default the real one.
 */
export function kernelAnswersFor(
  interfaceName: string,
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): boolean {
  const ignore = (name: string): number => {
    try {
      return Number(read(`/proc/sys/net/ipv4/conf/${name}/arp_ignore`));
    } catch {
      return 0;
    }
  };
  return Math.max(ignore("all"), ignore(interfaceName)) === 0;
}
