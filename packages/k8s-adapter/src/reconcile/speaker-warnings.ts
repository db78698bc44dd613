import type { ServiceRecord, SpeakerRecord } from "../domain.ts";
import type { AnnouncementDecision } from "./announcement.ts";
import type { Claimant } from "./conflicts.ts";

/** What may be wrong with a Service, in one sentence or two. */
export interface Warning {
  readonly reason: string;
  /** Empty: nothing is wrong. */
  readonly message: string;
  /** What is to be said on the Service when it is not wrong any more; empty: nothing. */
  readonly over: string;
}

/** What a speaker knows beside its decisions. */
export interface WarningView {
  /** This node. */
  readonly node: string;
  /** Whether the dataplane has told which interfaces there are. */
  readonly knowsInterfaces: boolean;
  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  readonly kernelAnswers: ReadonlySet<string>;
  /** Who else claims an address that this node claims, but for speakers that it hears. */
  claimantsOf(address: string): readonly Claimant[];
}

/** All that can be wrong with a Service of ours, as this node sees it, right or wrong. */
export function speakerWarnings(
  view: WarningView,
  service: ServiceRecord,
  decision: AnnouncementDecision,
): readonly Warning[] {
  return [
    { reason: "announceFailed", message: missingInterface(view, service, decision), over: "" },
    { reason: "addressOnNode", message: addressOnNode(view, service), over: "" },
    conflict(view, service, decision),
  ];
}

/** The node, other than this one, whose speaker has a hardware address. */
export function peerWith(
  mac: string,
  speakers: Iterable<SpeakerRecord>,
  self: string,
): string | undefined {
  for (const { node, interfaces } of speakers) {
    if (node !== self && interfaces.some((link) => link.mac === mac)) return node;
  }
  return undefined;
}

function missingInterface(
  { knowsInterfaces }: WarningView,
  { ingress }: ServiceRecord,
  decision: AnnouncementDecision,
): string {
  if (!knowsInterfaces || decision.reason !== "noInterface") return "";
  return `no eligible node has an interface that the advertisements of ${ingress.join(", ")} want, or none that is up`;
}

function addressOnNode({ node, kernelAnswers }: WarningView, { ingress }: ServiceRecord): string {
  const own = ingress.filter((address) => kernelAnswers.has(address));
  if (own.length === 0) return "";
  return `node "${node}" itself has ${own.join(", ")} on an interface and its kernel answers ARP for it, whoever announces it: set net.ipv4.conf.all.arp_ignore to 1 there (kube-proxy in IPVS mode: strictARP)`;
}

function conflict(
  view: WarningView,
  { ingress }: ServiceRecord,
  decision: AnnouncementDecision,
): Warning {
  const reason = "addressConflict";
  // Of what nobody answers for there is nothing to say, not even that it is over.
  if (decision.candidacy === undefined) return { reason, message: "", over: "" };
  const messages = ingress.map((address) => contested(address, view)).filter(Boolean);
  const over = `node "${view.node}" hears nobody else claim ${ingress.join(", ")} any more`;
  return { reason, message: messages.join("; "), over };
}

function contested(address: string, { node, claimantsOf }: WarningView): string {
  const claimants = claimantsOf(address);
  if (claimants.length === 0) return "";
  const whoElse = claimants
    .map(({ mac, interface: name, peer }) => `${mac}${of(peer)} on ${name}`)
    .join(" and ");
  const outcome = claimants.every(({ kept }) => kept)
    ? "answers for it all the same, so clients reach now the one, now the other"
    : "has given it up, and takes it again when it is free";
  const advice = claimants.some(({ peer }) => peer === undefined)
    ? "take the address from the host with that hardware address, or out of the pool"
    : "the two speakers do not hear each other: see whether UDP passes between them and both have the Secret ingot-ownership-key";
  return `another host claims ${address}: ${whoElse} of node "${node}", which ${outcome}: ${advice}`;
}

function of(peer: string | undefined): string {
  return peer === undefined ? "" : ` (node "${peer}")`;
}
