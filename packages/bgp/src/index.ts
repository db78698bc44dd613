export { asnOf, findCapability, offeredFamilies, sameFamily } from "./abilities.ts";
export type { AdjRibIn, ReceivedRoute } from "./adj-rib-in.ts";
export { pathLength, prependAsn } from "./as-path.ts";
export type { ErrorAction } from "./attribute-rules.ts";
export { type EncodingContext, encodeAttribute, encodeAttributes } from "./attributes.ts";
export { decodeCapabilities, encodeCapabilities } from "./capabilities.ts";
export type { Identity } from "./collision.ts";
export {
  decodeLinkBandwidth,
  encodeIpv6RouteMark,
  encodeLinkBandwidth,
  encodeRouteMark,
  formatCommunity,
  formatLargeCommunity,
  parseCommunity,
  parseLargeCommunity,
  type RouteMark,
  WellKnownCommunity,
} from "./communities.ts";
export * from "./constants.ts";
export type { DampingOptions } from "./damping.ts";
export { type DecodingContext, decodeAttributes } from "./decode-attributes.ts";
export type { Fault } from "./fault.ts";
export { type Frame, Framer } from "./framer.ts";
export type { GracefulRestartOptions } from "./graceful-restart.ts";
export { encodeMessage } from "./header.ts";
export type { ImportCounters, ImportHandler, ReceivedRoutes } from "./import.ts";
export type { Random } from "./jitter.ts";
export { KEEPALIVE } from "./keepalive.ts";
export type { BfdState, MachineInput, MachineMessage, StopInput } from "./machine-input.ts";
export type { DownReason, MachineOutput } from "./machine-output.ts";
export type * from "./message.ts";
export { type Negotiated, negotiate } from "./negotiate.ts";
export { Nlri, type PrefixVisitor } from "./nlri.ts";
export {
  decodeNotification,
  describeNotification,
  encodeNotification,
  hardReset,
  shutdownData,
  shutdownText,
  unwrapHardReset,
} from "./notification.ts";
export { decodeOpen, encodeOpen } from "./open.ts";
export { judgeOpen, localOpen } from "./open-policy.ts";
export type * from "./path-attributes.ts";
export type { Peer } from "./peer.ts";
export type { PeerCounters } from "./peer-counters.ts";
export type { PeerEvents, PeerInfo, StopOptions } from "./peer-events.ts";
export { type MachineDependencies, type MachineOptions, PeerMachine } from "./peer-machine.ts";
export type {
  PeerAsn,
  PeerOptions,
  RangeOptions,
  ResolvedOptions,
  SessionOptions,
} from "./peer-options.ts";
export { decodePrefixes, encodePrefix, formatPrefix, prefixTexts } from "./prefix.ts";
export { describeReason } from "./reason-text.ts";
export { resolveOptions } from "./resolve-options.ts";
export { Role } from "./roles.ts";
export { decodeRouteRefresh, encodeRouteRefresh } from "./route-refresh.ts";
export { AdjRibOut, type Route } from "./routes/adj-rib-out.ts";
export type { Outbox, OutboxCounters } from "./routes/outbox.ts";
export type { ExportFilter, NextHopSelf, SessionClass } from "./routes/session-class.ts";
export type { SessionCounters } from "./session.ts";
export type { SlotOptions } from "./slot-owner.ts";
export { Speaker, type SpeakerEvents, type SpeakerOptions } from "./speaker.ts";
export {
  type Action,
  EVENTS,
  type EventName,
  STATES,
  type State,
  TRANSITIONS,
} from "./transitions.ts";
export type * from "./transport.ts";
export {
  decodeUpdate,
  encodeEndOfRib,
  encodeUpdate,
  endOfRib,
  type MpReachView,
  type UpdateContext,
  type UpdateParts,
  UpdateView,
} from "./update.ts";
export { updateContextOf } from "./update-context.ts";
export { type ExpectedOpen, type NegotiableOpen, validateOpen } from "./validate-open.ts";
export {
  acceptedAttributes,
  type UpdateFinding,
  type UpdateVerdict,
  validateUpdate,
} from "./validate-update.ts";
