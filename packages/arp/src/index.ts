export { formatIpv4, formatMac, macFromBytes, macToBytes, parseIpv4, parseMac } from "./address.ts";
export {
  type AnnouncerInput,
  type AnnouncerOptions,
  type AnnouncerOutput,
  ArpAnnouncer,
} from "./announcer.ts";
export { gratuitousReply, gratuitousRequest, replyTo } from "./frames.ts";
export {
  ArpDecodeError,
  ArpHardware,
  ArpOperation,
  type ArpPacket,
  ArpProtocol,
  decodeArp,
  encodeArp,
} from "./packet.ts";
export {
  type AddressCounters,
  type AnsweredRequest,
  ArpResponder,
  type ArpResponderEvents,
  type ArpResponderOptions,
  type ArpSocket,
  type Clock,
  type FrameCounters,
} from "./responder.ts";
