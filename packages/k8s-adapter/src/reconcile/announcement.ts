import {
  type Eligible,
  NO_TABLE,
  parseTable,
  type Table,
  TableSyntaxError,
} from "@ingot/ownership";
import type { ServiceRecord } from "../domain.ts";
import { electionOrder } from "./election.ts";
import { type EligibilityView, eligibility, type NobodyReason, scoresOf } from "./eligibility.ts";
import { OWNERS_ANNOTATION } from "./owners.ts";

/** What the decision about one Service needs to know of everything else. */
export interface AnnouncementView extends EligibilityView {
  /** This node. */
  readonly node: string;
  /** Whether a node's speaker is heard; this node's own is. */
  isHeard(node: string): boolean;
}

/** The addresses of a Service, and who may answer for them, this node or another. */
export interface Candidacy {
  readonly addresses: readonly string[];
  readonly eligible: Eligible;
  readonly table: Table;
  /** This node's interfaces where the addresses are at home; empty: it has none, or all are. */
  readonly interfaces: readonly string[];
  /** Where this node answers if it is the one: exact names; empty: every interface that can. */
  readonly places: readonly string[];
}

/** What was decided about one Service on this node. */
export type AnnouncementDecision =
  | { readonly candidacy: Candidacy; readonly reason?: never }
  | { readonly candidacy?: never; readonly reason: SilenceReason };

/** Why nobody answers for a Service. */
export type SilenceReason =
  | NobodyReason
  /** No eligible node has an interface that is wanted; said by the first one that is heard. */
  | "noInterface";

/** Decides who may answer for a Service. Which of them does is settled among the speakers. */
export function decideAnnouncement(
  view: AnnouncementView,
  service: ServiceRecord | undefined,
): AnnouncementDecision {
  const { nodes, reason, selected } = eligibility(view, service);
  const addresses = service?.ingress ?? [];
  if (nodes === undefined) {
    const heard = selected.filter((node) => view.isHeard(node));
    const [first] = electionOrder(heard, addresses[0] ?? "");
    return { reason: first === view.node ? "noInterface" : reason };
  }
  const { homes = [], interfaces = [] } = nodes.get(view.node) ?? {};
  return {
    candidacy: {
      addresses,
      eligible: scoresOf(nodes),
      table: tableOf(service?.annotations[OWNERS_ANNOTATION]),
      interfaces: homes,
      places: interfaces,
    },
  };
}

/** No table rather than none of the Service, when somebody wrote what is none. */
function tableOf(text: string | undefined): Table {
  if (text === undefined) return NO_TABLE;
  try {
    return parseTable(text);
  } catch (error) {
    if (error instanceof TableSyntaxError) return NO_TABLE;
    throw error;
  }
}
