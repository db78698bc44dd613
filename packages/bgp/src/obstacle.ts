import { canonicalAddress } from "./address-range.ts";
import type { ResolvedOptions } from "./peer-options.ts";
import type { BgpConnection } from "./transport.ts";

/**
 * Why a connection that a peer has made is not what the options ask for; undefined when it is. The
 * listener it came in by may serve others, too: what it does not see to is seen to here.
 *
 * @param droppedBelow the time to live below which the listener has packets dropped; 0: none.
 * @see RFC 4271 section 8.1.4, event 15
 */
export function obstacleTo(
  connection: BgpConnection,
  droppedBelow: number,
  { localAddress, minTtl }: Pick<ResolvedOptions, "localAddress" | "minTtl">,
): string | undefined {
  const { localAddress: to } = connection;
  if (localAddress !== undefined && canonicalAddress(localAddress) !== to) {
    return `the peer connected to ${to}, not to localAddress ${localAddress}`;
  }
  if (minTtl === undefined || droppedBelow >= minTtl) return undefined;
  if (connection.setMinTtl === undefined) {
    return `minTtl ${minTtl}: the transport has it for listeners alone`;
  }
  try {
    connection.setMinTtl(minTtl);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
