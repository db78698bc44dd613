export { type ArpPort, type ArpSocketOptions, openArpSocket } from "./arp-port.ts";
export {
  acceptWhen,
  type FilterField,
  type FilterTest,
  half,
  PacketType,
  packetType,
} from "./bpf.ts";
export { type Capability, MissingCapabilityError } from "./capability.ts";
export { type MonotonicClock, monotonicClock } from "./clock.ts";
export type { EthernetPort, FramePortStats } from "./frame-port.ts";
export { SystemCallError } from "./libc.ts";
export { LinkMonitor, type LinkMonitorEvents } from "./links.ts";
export { type NdpPort, type NdpSocketOptions, openNdpSocket } from "./ndp-port.ts";
export type { Link, LinkAddress } from "./netlink.ts";
export { PacketSocket, type PacketSocketOptions } from "./packet-socket.ts";
export { selfTest } from "./self-test.ts";
