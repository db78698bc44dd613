import type { ServiceRecord } from "../domain.ts";
import type { RouteDecision } from "./bgp-routes.ts";
import type { Warning } from "./speaker-warnings.ts";

/** What can be wrong with the routes of a Service of ours, right or wrong. */
export function routeWarning({ ingress }: ServiceRecord, decision: RouteDecision): Warning {
  const isWrong = !decision.announce && decision.reason === "conflictingAdvertisements";
  const message = `BGPAdvertisements for ${ingress.join(", ")} contradict each other in localPref or asPathPrepend for the same prefix and peers: none of them is followed`;
  return { reason: "conflictingAdvertisements", message: isWrong ? message : "", over: "" };
}
