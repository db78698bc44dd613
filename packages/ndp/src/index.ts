export {
  formatIpv6,
  formatMac,
  type Ipv6Address,
  ipv6FromBytes,
  ipv6ToBytes,
  linkLocalOf,
  macFromBytes,
  macToBytes,
  parseIpv6,
  parseMac,
} from "./address.ts";
export {
  AdvertisementSchedule,
  type ScheduleInput,
  type ScheduleOptions,
  type ScheduleOutput,
} from "./advertisement-schedule.ts";
export { type AnnouncerInput, NdpAnnouncer } from "./announcer.ts";
export { type FrameBucket, TokenBucket } from "./bucket.ts";
export type { AddressState } from "./claim.ts";
export { NdpDecodeError } from "./decode-error.ts";
export type { FrameCounters, FrameEvents } from "./frame-port.ts";
export {
  answerTo,
  neighborSolicitation,
  probe,
  type RouterContent,
  routerAdvertisement,
  routerSolicitation,
  unsolicited,
} from "./frames.ts";
export { ALL_NODES, ALL_ROUTERS, groupMac, solicitedNodeGroup, UNSPECIFIED } from "./group.ts";
export type {
  NdpHeader,
  NdpPacket,
  NeighborAdvertisement,
  NeighborSolicitation,
  RouterAdvertisement,
  RouterPreference,
  RouterSolicitation,
} from "./message.ts";
export {
  type LinkLayerOption,
  type MtuOption,
  type NdpOption,
  NdpOptionNumber,
  type NonceOption,
  type OtherOption,
  type PrefixOption,
  type RdnssOption,
} from "./option.ts";
export type { AnnouncerOptions, DefendMode, ProbeMode } from "./options.ts";
export type { AnnouncerOutput, Conflict } from "./output.ts";
export { decodeNdp, encodeNdp, peekTarget } from "./packet.ts";
export type {
  AddressConflict,
  AddressCounters,
  AnsweredSolicitation,
  NdpResponderEvents,
} from "./report.ts";
export { type AnnounceOptions, NdpResponder, type NdpResponderOptions } from "./responder.ts";
export {
  RouterAdvertiser,
  type RouterAdvertiserCounters,
  type RouterAdvertiserEvents,
  type RouterAdvertiserOptions,
} from "./router-advertiser.ts";
export { type AdvertisedPrefix, type RouterOptions, routerContent } from "./router-content.ts";
export {
  type DiscoveryInput,
  type DiscoveryOutput,
  type DnsServerRecord,
  type PrefixRecord,
  RouterDiscovery,
  type RouterRecord,
} from "./router-discovery.ts";
export {
  type DnsServer,
  type HeardRouter,
  type Prefix,
  type Router,
  RouterListener,
  type RouterListenerEvents,
  type RouterListenerOptions,
} from "./router-listener.ts";
export type { Clock, NdpFrameSocket, NdpRouterSocket, NdpSocket } from "./socket.ts";
export { type Invalidity, invalidity } from "./validity.ts";
