export { type ArpPort, type ArpSocketOptions, openArpSocket } from "./arp-port.ts";
export {
  type BfdEchoOptions,
  type BfdEchoSocket,
  type EchoVerdict,
  openBfdEcho,
} from "./bfd-echo.ts";
export {
  type BfdReceiver,
  type BfdReceiverOptions,
  type BfdSource,
  openBfdReceiver,
} from "./bfd-receiver.ts";
export { type BfdSender, type BfdSenderOptions, openBfdSender } from "./bfd-sender.ts";
export { type BfdSockets, bfdSockets } from "./bfd-sockets.ts";
export {
  acceptWhen,
  type FilterField,
  type FilterTest,
  half,
  interfaceIndex,
  octet,
  PacketType,
  packetType,
  word,
} from "./bpf.ts";
export { type Capability, MissingCapabilityError } from "./capability.ts";
export { type MonotonicClock, monotonicClock } from "./clock.ts";
export type { EthernetPort, FramePortStats } from "./frame-port.ts";
export {
  type HelloPort,
  type HelloPortStats,
  type HelloSocketOptions,
  openHelloSocket,
} from "./hello-port.ts";
export type { IpSocketOptions } from "./ip-options.ts";
export { SystemCallError } from "./libc.ts";
export { LinkMonitor, type LinkMonitorEvents } from "./links.ts";
export { type NdpPort, type NdpSocketOptions, openNdpSocket } from "./ndp-port.ts";
export type { Link, LinkAddress } from "./netlink.ts";
export { PacketSocket, type PacketSocketOptions } from "./packet-socket.ts";
export { selfTest } from "./self-test.ts";
export { TcpConnection } from "./tcp-connection.ts";
export { TcpListener } from "./tcp-listener.ts";
export type {
  TcpDialResult,
  TcpDialTarget,
  TcpListenOptions,
  TcpSocketOptions,
  TcpTransportOptions,
} from "./tcp-options.ts";
export { type TcpTransport, tcpTransport } from "./tcp-transport.ts";
