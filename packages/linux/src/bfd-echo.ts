import { type FilterTest, half, octet, PacketType, packetType, word } from "./bpf.ts";
import { decodeUdpFrame, encodeUdpFrame, type UdpFrame } from "./echo-frame.ts";
import { type EthernetPort, FramePort } from "./frame-port.ts";
import { type IpAddress, ipAddress, isUnicast } from "./ip-address.ts";
import type { LinkMonitor } from "./links.ts";

/** Whose echo packets go to whom. */
export interface BfdEchoOptions {
  /** IPv4 address in canonical text. */
  readonly localAddress: string;
  /** The neighbour's IPv4 address in canonical text. */
  readonly remoteAddress: string;
  /** Interface to the neighbour; by default the one that has `localAddress` now. */
  readonly device?: string;
}

/**
 * What is to become of an echo packet: it is one of `ours` that came back, it is to be sent back
 * (`return`, which only the neighbour's can be), or it is to be dropped (`ignore`).
 */
export type EchoVerdict = "ours" | "return" | "ignore";

/** Sends echo packets over one link and gets them back. @see RFC 5881 section 4 */
export interface BfdEchoSocket {
  /**
   * Sends a UDP payload to port 3785 of ourselves, by way of the neighbour. False when the packet
   * was dropped, as it is until a control packet of the neighbour has told its MAC address.
   */
  send(payload: Uint8Array): boolean;
  /** Called with each payload that came back, or that the neighbour sent; octets only lent. */
  onEcho: ((payload: Uint8Array) => EchoVerdict) | undefined;
  close(): void;
}

// A packet to our own address never leaves this machine by the kernel's routes, and what comes back
// has our own address as its source, which the kernel drops as a lie. So both ways are frames:
//
//  sent      | to the neighbour's MAC | our IP to our IP | TTL 255 | UDP 3785
//  came back | from the neighbour     | our IP to our IP | TTL 254 | UDP 3785: the neighbour forwarded it
//  its own   | from the neighbour     | its IP to our IP | TTL 255 | UDP 3785: wants it sent back
//  control   | from the neighbour     | its IP to our IP | TTL 255 | UDP 3784: tells its MAC address
//
// What the neighbour sends to itself by way of us is forwarded by our kernel and not seen here.

/**
 * Opens an echo socket. It follows its interface as `openArpSocket` does, and keeps the process alive.
 *
 * @throws {RangeError} when an option is wrong.
 * @throws {MissingCapabilityError} without CAP_NET_RAW.
 * @throws {Error} when `localAddress` is on no interface and `device` is not given.
 */
export function openBfdEcho(
  options: BfdEchoOptions & { readonly links: LinkMonitor },
): BfdEchoSocket {
  const local = hostAddress("localAddress", options.localAddress);
  const remote = hostAddress("remoteAddress", options.remoteAddress);
  const device = options.device ?? deviceOf(local, options.links);
  const port = new FramePort({
    interface: device,
    links: options.links,
    etherType: ETHERTYPE_IPV4,
    accept: bfdPacketsTo(local),
    purpose: `BFD echo on ${device}`,
  });
  return new EchoPort(port, local.octets, remote.octets);
}

class EchoPort implements BfdEchoSocket {
  onEcho: ((payload: Uint8Array) => EchoVerdict) | undefined;
  readonly #port: EthernetPort;
  readonly #local: Uint8Array;
  readonly #remote: Uint8Array;
  #neighbour: Uint8Array | undefined;

  constructor(port: EthernetPort, local: Uint8Array, remote: Uint8Array) {
    this.#port = port;
    this.#local = local;
    this.#remote = remote;
    port.onFrame = (frame) => this.#receive(frame);
  }

  send(payload: Uint8Array): boolean {
    if (this.#neighbour === undefined) return false;
    const frame = encodeUdpFrame({
      destinationMac: this.#neighbour,
      sourceMac: this.#port.mac,
      source: this.#local,
      destination: this.#local,
      ttl: 255,
      sourcePort: ECHO_PORT,
      destinationPort: ECHO_PORT,
      payload,
    });
    return this.#port.send(frame);
  }

  close(): void {
    this.#port.close();
  }

  #receive(frame: Uint8Array): void {
    const packet = decodeUdpFrame(frame);
    if (packet === undefined) return;
    if (isSame(packet.source, this.#remote)) this.#fromNeighbour(packet);
    else if (isSame(packet.source, this.#local) && packet.destinationPort === ECHO_PORT) {
      this.onEcho?.(packet.payload);
    }
  }

  #fromNeighbour(packet: UdpFrame): void {
    if (packet.ttl !== 255) return;
    if (packet.destinationPort === CONTROL_PORT) this.#neighbour = packet.sourceMac;
    else if (this.onEcho?.(packet.payload) === "return") this.#sendBack(packet);
  }

  #sendBack(packet: UdpFrame): void {
    const frame = encodeUdpFrame({
      destinationMac: packet.sourceMac,
      sourceMac: this.#port.mac,
      source: packet.destination,
      destination: packet.source,
      ttl: packet.ttl - 1,
      sourcePort: ECHO_PORT,
      destinationPort: packet.sourcePort,
      payload: packet.payload,
    });
    this.#port.send(frame);
  }
}

function hostAddress(name: string, text: string): IpAddress {
  const address = ipAddress(name, text);
  if (address.family === 4 && isUnicast(address)) return address;
  throw new RangeError(`${name} must be the IPv4 address of a host, got ${address.text}`);
}

function deviceOf(local: IpAddress, links: LinkMonitor): string {
  const index = links.addresses.find(({ address }) => address === local.text)?.index;
  const device = index === undefined ? undefined : links.links.get(index)?.name;
  if (device !== undefined) return device;
  throw new Error(`address not available: ${local.text} is on no interface`);
}

/** IPv4 without options, not a fragment, not from beyond the neighbour. */
function bfdPacketsTo(local: IpAddress): readonly FilterTest[] {
  return [
    octet(23).is(PROTOCOL_UDP),
    half(36).isOneOf(CONTROL_PORT, ECHO_PORT),
    word(30).is(new DataView(local.octets.buffer, local.octets.byteOffset).getUint32(0)),
    octet(14).is(VERSION_AND_HEADER_WORDS),
    half(20).isOneOf(0, DO_NOT_FRAGMENT),
    octet(22).isAtLeast(254),
    packetType.isNot(PacketType.otherHost),
  ];
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((octet, i) => octet === b[i]);
}

const ETHERTYPE_IPV4 = 0x0800;
const VERSION_AND_HEADER_WORDS = 0x45;
const DO_NOT_FRAGMENT = 0x4000;
const PROTOCOL_UDP = 17;
const CONTROL_PORT = 3784;
const ECHO_PORT = 3785;
