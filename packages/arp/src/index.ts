export { formatIpv4, formatMac, macFromBytes, macToBytes, parseIpv4, parseMac } from "./address.ts";
export { type AnnouncerInput, ArpAnnouncer } from "./announcer.ts";
export { type FrameBucket, TokenBucket } from "./bucket.ts";
export type { AddressState } from "./claim.ts";
export { gratuitousReply, gratuitousRequest, probe, question, replyTo } from "./frames.ts";
export type { AnnouncerOptions, DefendMode, ProbeMode } from "./options.ts";
export type { AnnouncerOutput, Conflict } from "./output.ts";
export {
  ArpDecodeError,
  ArpHardware,
  ArpOperation,
  type ArpPacket,
  ArpProtocol,
  decodeArp,
  encodeArp,
  peekSender,
} from "./packet.ts";
export type {
  AddressConflict,
  AddressCounters,
  AnsweredRequest,
  ArpResponderEvents,
  FrameCounters,
} from "./report.ts";
export { type AnnounceOptions, ArpResponder, type ArpResponderOptions } from "./responder.ts";
export type { ArpSocket, Clock } from "./socket.ts";
