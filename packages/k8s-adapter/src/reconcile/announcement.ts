import type { ServiceRecord } from "../domain.ts";
import { electionOrder } from "./election.ts";
import { type EligibilityView, eligibility, type NobodyReason, scoresOf } from "./eligibility.ts";

/** What the decision about one Service needs to know of everything else. */
export interface AnnouncementView extends EligibilityView {
  /** This node. */
  readonly node: string;
}

/** What was decided about one Service on this node. */
export type AnnouncementDecision =
  | {
      readonly announce: true;
      readonly addresses: readonly string[];
      /** Exact names; empty: every interface that can. */
      readonly interfaces: readonly string[];
    }
  | { readonly announce: false; readonly reason: SilenceReason };

/** Why this node does not answer for a Service. */
export type SilenceReason =
  | NobodyReason
  /** No eligible node has an interface that is wanted; said by the one that would be first. */
  | "noInterface"
  | "notOwner";

/** Decides whether this node answers for a Service, as every other node decides it too. */
export function decideAnnouncement(
  view: AnnouncementView,
  service: ServiceRecord | undefined,
): AnnouncementDecision {
  const { nodes, reason, selected } = eligibility(view, service);
  const addresses = service?.ingress ?? [];
  const [address = ""] = addresses;
  if (nodes === undefined) {
    const [first] = electionOrder(selected, address);
    return silent(first === view.node ? "noInterface" : reason);
  }
  const scores = scoresOf(nodes);
  const [owner] = electionOrder(scores.keys(), address, scores);
  const mine = owner === view.node ? nodes.get(owner) : undefined;
  if (mine === undefined) return silent("notOwner");
  return { announce: true, addresses, interfaces: mine.interfaces };
}

function silent(reason: SilenceReason): AnnouncementDecision {
  return { announce: false, reason };
}
