import { AdoptedSocket } from "./adopt.ts";
import { withCapability } from "./capability.ts";
import * as libc from "./libc.ts";

/** What one packet socket listens to. */
export interface PacketSocketOptions {
  /** From {@link Link.index}. The interface need not be up. */
  readonly interfaceIndex: number;
  /** Such as 0x0806 for ARP. */
  readonly etherType: number;
  /** A classic BPF program, as {@link acceptWhen} assembles. */
  readonly filter: Uint8Array;
}

/**
 * Whole Ethernet frames of one type on one interface (AF_PACKET). It survives the interface going
 * down and up, but not its deletion; it keeps the process alive until it is closed.
 */
export class PacketSocket {
  readonly interfaceIndex: number;
  /** Called with each frame that passed the filter; the octets are the receiver's to keep. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  readonly #socket: AdoptedSocket;

  /**
   * @throws {MissingCapabilityError} without CAP_NET_RAW.
   * @throws {SystemCallError} `ENODEV` when there is no such interface.
   */
  constructor(options: PacketSocketOptions) {
    this.interfaceIndex = options.interfaceIndex;
    const fd = openPacketDescriptor(`a packet socket on interface ${options.interfaceIndex}`);
    try {
      libc.attachFilter(fd, options.filter);
      libc.bind(fd, linkLayerAddress(options.interfaceIndex, options.etherType));
    } catch (error) {
      libc.closeInBackground(fd);
      throw error;
    }
    this.#socket = new AdoptedSocket(fd);
    // Its errors (ENETDOWN) need no listener: they end nothing, and a link monitor tells more.
    this.#socket.onMessage = (frame) => this.onFrame?.(frame);
  }

  /** Sends a frame, Ethernet header and all; false when the system did not take it. */
  send(frame: Uint8Array): boolean {
    const reason = this.#socket.send(frame);
    // When the interface goes down the kernel leaves an error for whichever call comes next, be it up again.
    return (
      reason === undefined || (reason === "ENETDOWN" && this.#socket.send(frame) === undefined)
    );
  }

  close(): void {
    this.#socket.close();
  }
}

/**
 * Finds out whether this process may open packet sockets.
 *
 * @throws {MissingCapabilityError} without CAP_NET_RAW; the message names the purpose.
 */
export function requirePacketSockets(purpose: string): void {
  libc.closeInBackground(openPacketDescriptor(purpose));
}

/** Of no protocol, so that no frame arrives before the filter is attached. */
function openPacketDescriptor(purpose: string): number {
  return withCapability("CAP_NET_RAW", purpose, () => libc.socket(AF_PACKET, SOCK_RAW, 0));
}

// struct sockaddr_ll, 20 octets
// |    family (host)    |  protocol (network) |             interface index               |
// |      hatype         |  pkttype  |  halen  |         address (8 octets) ...            |
function linkLayerAddress(interfaceIndex: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, true);
  return bytes;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
