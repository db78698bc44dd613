import { createSocket, type Socket } from "node:dgram";
import { acceptWhen, networkOctet } from "./bpf.ts";
import { canonicalAddress, type IpAddress, ipAddress } from "./ip-address.ts";
import { checkIpOptions } from "./ip-options.ts";
import { bindTo, closeOnFailure, openIpSocket, SocketType, setInteger } from "./ip-socket.ts";
import { isolate } from "./isolate.ts";
import * as libc from "./libc.ts";
import { blame } from "./reason.ts";
import { socketAddress } from "./socket-address.ts";

/** Which hellos, on which interface. */
export interface HelloChannelOptions {
  readonly family: 4 | 6;
  readonly interfaceIndex: number;
  /** The name that the interface has now. */
  readonly device: string;
  readonly port: number;
}

/**
 * A UDP socket on one interface that is a member of the hello group of one family. It sends and lets
 * through nothing but what has a time to live (hop limit) of 255. It keeps the process alive.
 */
export class HelloChannel {
  /** Called with each datagram and the canonical address it came from; the octets are yours. */
  onDatagram: ((bytes: Uint8Array, from: string) => void) | undefined;
  readonly interfaceIndex: number;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #group: Uint8Array;
  #fd: number;

  /** @throws {Error} when the system refuses, in a few words. */
  constructor(options: HelloChannelOptions) {
    const { family, interfaceIndex, port } = options;
    this.interfaceIndex = interfaceIndex;
    this.#port = port;
    this.#group = socketAddress(GROUPS[family], port);
    this.#fd = openDescriptor(options);
    this.#socket = createSocket(family === 4 ? "udp4" : "udp6");
    this.#socket.on("message", (bytes, { address }) => {
      if (this.#fd === CLOSED) return;
      isolate(() => this.onDatagram?.(bytes, canonicalAddress(address)));
    });
    // ENETDOWN and its like end nothing, and a link monitor tells more.
    this.#socket.on("error", () => {});
    closeOnFailure(this.#fd, () => this.#socket.bind({ fd: this.#fd, exclusive: true }));
  }

  /** Sends to one address or to the group, without waiting; false when the system did not take it. */
  send(bytes: Uint8Array, to?: IpAddress): boolean {
    // The number of a closed descriptor soon belongs to something else.
    if (this.#fd === CLOSED) return false;
    const target = to === undefined ? this.#group : socketAddress(to, this.#port);
    return libc.sendTo(this.#fd, bytes, target) === undefined;
  }

  /** Leaves the group and frees the port at once. Nothing is called back from then on. */
  close(): void {
    if (this.#fd === CLOSED) return;
    this.#fd = CLOSED;
    this.#socket.close();
  }
}

function openDescriptor({ family, interfaceIndex, device, port }: HelloChannelOptions): number {
  const any = ipAddress("localAddress", family === 4 ? "0.0.0.0" : "::");
  const options = checkIpOptions({ localAddress: any.text, device, ttl: HOP_LIMIT });
  const fd = openIpSocket(SocketType.datagram, options);
  return closeOnFailure(fd, () => {
    const { ttlOffset, multicastTtl, multicastLoop, addMembership } = FAMILIES[family];
    // Before it is bound, so that nothing else ever enters the queue.
    libc.attachFilter(fd, acceptWhen(networkOctet(ttlOffset).is(HOP_LIMIT)));
    setInteger(fd, multicastTtl, HOP_LIMIT);
    setInteger(fd, multicastLoop, 0);
    setInteger(fd, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    bindTo(fd, any, port);
    const group = GROUPS[family];
    const request = membershipRequest(group, interfaceIndex);
    blame(`group ${group.text}`, () => libc.setOption(fd, addMembership, request));
    return fd;
  });
}

// struct ip_mreqn, 12 octets
// |                  group                    |    local address (any: by the index)      |
// |              interface index              |
//
// struct ipv6_mreq, 20 octets
// |                               group (16 octets) ...                                   |
// |              interface index              |
function membershipRequest({ family, octets }: IpAddress, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(family === 4 ? 12 : 20);
  bytes.set(octets);
  new DataView(bytes.buffer).setUint32(bytes.length - 4, interfaceIndex, true);
  return bytes;
}

const CLOSED = -1;
const HOP_LIMIT = 255;
/** Of which the kernel grants `net.core.rmem_max`, and twice that with its own overhead. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
const SO_RCVBUF: libc.SocketOption = { level: 1, number: 8, name: "SO_RCVBUF" };

/** Those for experiments, on the own link (RFC 4727). */
const GROUPS = {
  4: ipAddress("group", "224.0.0.254"),
  6: ipAddress("group", "ff02::114"),
} as const;

const FAMILIES = {
  4: {
    ttlOffset: 8,
    multicastTtl: { level: 0, number: 33, name: "IP_MULTICAST_TTL" },
    multicastLoop: { level: 0, number: 34, name: "IP_MULTICAST_LOOP" },
    addMembership: { level: 0, number: 35, name: "IP_ADD_MEMBERSHIP" },
  },
  6: {
    ttlOffset: 7,
    multicastTtl: { level: 41, number: 18, name: "IPV6_MULTICAST_HOPS" },
    multicastLoop: { level: 41, number: 19, name: "IPV6_MULTICAST_LOOP" },
    addMembership: { level: 41, number: 20, name: "IPV6_ADD_MEMBERSHIP" },
  },
} as const;
