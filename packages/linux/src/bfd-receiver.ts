import { createSocket, type Socket } from "node:dgram";
import { acceptWhen, networkOctet } from "./bpf.ts";
import { canonicalAddress, ipAddress } from "./ip-address.ts";
import { checkInteger, checkIpOptions } from "./ip-options.ts";
import { bindTo, closeOnFailure, openIpSocket, SocketType } from "./ip-socket.ts";
import { isolate } from "./isolate.ts";
import * as libc from "./libc.ts";

/** Where control packets are received. */
export interface BfdReceiverOptions {
  /** Canonical text, without a zone; what is sent to another address is not received. */
  readonly localAddress: string;
  /** Interface to bind to; also the scope of a link-local address. */
  readonly device?: string;
  /** 3784 for one hop, 4784 for several. */
  readonly port: number;
  /** The least time to live (hop limit) that is let through, 1 to 255. @see RFC 5881 section 5 */
  readonly minTtl: number;
}

/** Where a packet came from. */
export interface BfdSource {
  /** Canonical text, without a zone. */
  readonly address: string;
}

/** A UDP socket whose filter in the kernel looks at the time to live. */
export interface BfdReceiver {
  /** Called with each payload; the octets are yours. */
  onPacket: ((bytes: Uint8Array, from: BfdSource) => void) | undefined;
  close(): void;
}

/**
 * Opens a receiver. It keeps the process alive until it is closed.
 *
 * @throws {RangeError} when an option is wrong.
 * @throws {Error} when the system refuses, in a few words.
 */
export function openBfdReceiver(options: BfdReceiverOptions): BfdReceiver {
  const { localAddress, port, minTtl } = options;
  checkInteger("port", port, 1, 65_535);
  checkInteger("minTtl", minTtl, 1, 255);
  const local = ipAddress("localAddress", localAddress);
  const fd = openIpSocket(SocketType.datagram, checkIpOptions(options));
  return closeOnFailure(fd, () => {
    const ttl = networkOctet(local.family === 4 ? IPV4_TTL_OFFSET : IPV6_HOP_LIMIT_OFFSET);
    // Before it is bound, so that nothing else ever enters the queue.
    libc.attachFilter(fd, acceptWhen(ttl.isAtLeast(minTtl)));
    bindTo(fd, local, port);
    return new UdpReceiver(fd, local.family);
  });
}

class UdpReceiver implements BfdReceiver {
  onPacket: ((bytes: Uint8Array, from: BfdSource) => void) | undefined;
  readonly #socket: Socket;
  #open = true;

  constructor(fd: number, family: 4 | 6) {
    this.#socket = createSocket(family === 4 ? "udp4" : "udp6");
    this.#socket.on("message", (bytes, { address }) => {
      if (!this.#open) return;
      isolate(() => this.onPacket?.(bytes, { address: canonicalAddress(address) }));
    });
    // ENETDOWN and its like end nothing: packets come again when the interface is up.
    this.#socket.on("error", () => {});
    this.#socket.bind({ fd, exclusive: true });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }
}

const IPV4_TTL_OFFSET = 8;
const IPV6_HOP_LIMIT_OFFSET = 7;
