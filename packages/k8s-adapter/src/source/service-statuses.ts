import type { StatusProtocol } from "../config/service-status.ts";
import type { Key } from "../domain.ts";

/**
 * What one node says about the Services that it announces, as objects of their own: ServiceL2Status
 * and ServiceBGPStatus. The source writes them in its own time, when they change, and tries again
 * when that fails; nobody waits for it. Closing the source takes all of them back.
 */
export interface ServiceStatuses {
  /**
   * Says where a Service is announced from now on.
   *
   * @param places Names of interfaces (layer 2; none: every one) or of BGPPeers, in order;
   * undefined: it is announced no more.
   */
  set(protocol: StatusProtocol, service: Key, places: readonly string[] | undefined): void;
  /**
   * Everything that is decided is said once. What this node said before its start, and has not said
   * again within 5 s, goes.
   */
  complete(): void;
}

/** What keeps the objects of one protocol. */
export interface StatusKeeper {
  set(service: Key, places: readonly string[] | undefined): void;
  complete(): void;
}

/** One of each protocol as one. */
export function bothStatuses(layer2: StatusKeeper, bgp: StatusKeeper): ServiceStatuses {
  return {
    set: (protocol, service, places) => (protocol === "bgp" ? bgp : layer2).set(service, places),
    complete: () => {
      layer2.complete();
      bgp.complete();
    },
  };
}
