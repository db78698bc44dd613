import { randomInt } from "node:crypto";
import { acceptNothing } from "./bpf.ts";
import { type IpAddress, ipAddress, isUnicast } from "./ip-address.ts";
import { checkInteger, checkIpOptions } from "./ip-options.ts";
import { bindTo, closeOnFailure, openIpSocket, SocketType } from "./ip-socket.ts";
import * as libc from "./libc.ts";
import { socketAddress } from "./socket-address.ts";

/** Where one session's control packets go, and from where. */
export interface BfdSenderOptions {
  /** Canonical text, without a zone; the source of what is sent. */
  readonly localAddress: string;
  /** Canonical text, without a zone. */
  readonly remoteAddress: string;
  /** Interface to send through; also the scope of a link-local address. */
  readonly device?: string;
  /** The destination port: 3784 for one hop, 4784 for several. */
  readonly port: number;
  /** Time to live (hop limit), 1 to 255; 255 by default. @see RFC 5881 section 5 */
  readonly ttl?: number;
  /** Differentiated services code point, 0 to 63; 48 (CS6) by default. */
  readonly dscp?: number;
}

/** A UDP socket that only sends. It does not keep the process alive, but is open until it is closed. */
export interface BfdSender {
  /** The same as long as it is open; no other sender of this thread has it. */
  readonly sourcePort: number;
  /** Sends at once, without waiting; false when the system did not take the packet. */
  send(bytes: Uint8Array): boolean;
  close(): void;
}

/**
 * Opens a sender on a source port from 49152 to 65535. @see RFC 5881 section 4
 *
 * @throws {RangeError} when an option is wrong.
 * @throws {Error} when the system refuses, in a few words.
 */
export function openBfdSender(options: BfdSenderOptions): BfdSender {
  const remote = ipAddress("remoteAddress", options.remoteAddress);
  if (!isUnicast(remote)) {
    throw new RangeError(`remoteAddress must be that of a host, got ${remote.text}`);
  }
  checkInteger("port", options.port, 1, 65_535);
  const checked = checkIpOptions({ ttl: 255, ...options }, remote);
  const local = ipAddress("localAddress", options.localAddress);
  const fd = openIpSocket(SocketType.datagram, checked);
  return closeOnFailure(fd, () => {
    libc.attachFilter(fd, acceptNothing());
    const sourcePort = bindToSourcePort(fd, local, randomInt(PORT_COUNT));
    return new UdpSender(fd, sourcePort, socketAddress(remote, options.port));
  });
}

class UdpSender implements BfdSender {
  readonly sourcePort: number;
  readonly #target: Uint8Array;
  #fd: number;

  constructor(fd: number, sourcePort: number, target: Uint8Array) {
    this.#fd = fd;
    this.sourcePort = sourcePort;
    this.#target = target;
    ports.add(sourcePort);
  }

  send(bytes: Uint8Array): boolean {
    // The number of a closed descriptor soon belongs to something else.
    return this.#fd !== CLOSED && libc.sendTo(this.#fd, bytes, this.#target) === undefined;
  }

  close(): void {
    if (this.#fd === CLOSED) return;
    libc.close(this.#fd);
    this.#fd = CLOSED;
    ports.delete(this.sourcePort);
  }
}

/** Tries every port once, from some port of the range on. */
function bindToSourcePort(fd: number, local: IpAddress, start: number): number {
  for (let i = 0; i < PORT_COUNT; i += 1) {
    const port = FIRST_PORT + ((start + i) % PORT_COUNT);
    if (!ports.has(port) && bindIfFree(fd, local, port)) return port;
  }
  throw new Error(`address in use: no port from ${FIRST_PORT} to 65535 is free on ${local.text}`);
}

function bindIfFree(fd: number, local: IpAddress, port: number): boolean {
  try {
    bindTo(fd, local, port);
    return true;
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    if (cause instanceof libc.SystemCallError && cause.code === "EADDRINUSE") return false;
    throw error;
  }
}

/** Those of this thread: the system itself sees no clash between ports of different addresses. */
const ports = new Set<number>();
const FIRST_PORT = 49_152;
const PORT_COUNT = 16_384;
const CLOSED = -1;
