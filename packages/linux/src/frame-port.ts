import { acceptWhen, type FilterTest, interfaceIndex } from "./bpf.ts";
import { monotonicClock } from "./clock.ts";
import { isolate } from "./isolate.ts";
import type { LinkMonitor, LinkNews } from "./links.ts";
import type { Link } from "./netlink.ts";
import { PacketSocket, requirePacketSockets } from "./packet-socket.ts";

/** Which frames, on which interface. */
export interface FramePortOptions {
  /** The interface's name. */
  readonly interface: string;
  readonly links: LinkMonitor;
  readonly etherType: number;
  /** All of which a frame has to pass. */
  readonly accept: readonly FilterTest[];
  /** What a refusal says it was needed for. */
  readonly purpose: string;
}

/**
 * Frames of one protocol on the interface of a name. Together with its {@link LinkMonitor} it keeps
 * the process alive until both are closed.
 */
export interface EthernetPort {
  /** The interface's, six octets; zeros until the interface first was there. */
  readonly mac: Uint8Array;
  /** Whether the interface is there, is up and has a carrier. */
  readonly isUp: boolean;
  /** Sends a frame, Ethernet header and all; false when it is not up or the system did not take it. */
  send(frame: Uint8Array): boolean;
  /** Called with each frame as it came, Ethernet header and padding too; the octets are yours. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  /**
   * Called when `isUp` becomes true, and when the MAC address changed or frames may have been lost
   * while it was, or neighbours are to be told anew for another reason (a bond uses another of its
   * ports): whatever was announced is to be announced again. A port may be up from the start.
   */
  onUp: (() => void) | undefined;
  /** Called when no socket could be opened on an interface that is up; tried again each second. */
  onOpenFailed: ((error: unknown) => void) | undefined;
  stats(): FramePortStats;
  close(): void;
}

/** How many frames went each way since the port was opened. */
export interface FramePortStats {
  readonly received: number;
  readonly sent: number;
  /** Frames that `send` did not get rid of. */
  readonly dropped: number;
}

// The interface has the name | and is up | and runs | port
//  no                        | -         | -        | no socket
//  yes                       | no        | -        | the socket it has, or none; not up
//  yes                       | yes       | no       | a socket; not up
//  yes                       | yes       | yes      | a socket; up
//
// A socket is bound to an index. It is closed when the name is no longer there, replaced when the
// name has moved to another index, and replaced when the interface may have been deleted unseen.

/** Frames of one type on the interface of a name, whatever becomes of that interface. */
export class FramePort implements EthernetPort {
  onFrame: ((frame: Uint8Array) => void) | undefined;
  onUp: (() => void) | undefined;
  onOpenFailed: ((error: unknown) => void) | undefined;
  readonly #options: FramePortOptions;
  readonly #stopObserving: () => void;
  #socket: PacketSocket | undefined;
  #mac: Uint8Array = new Uint8Array(MAC_BYTES);
  #isUp = false;
  #cancelRetry: () => void = () => {};
  #received = 0;
  #sent = 0;
  #dropped = 0;

  /** @throws {MissingCapabilityError} at once, even if the interface is not there yet. */
  constructor(options: FramePortOptions) {
    requirePacketSockets(options.purpose);
    this.#options = options;
    this.#stopObserving = options.links.observe((news) => this.#hear(news));
    this.#follow();
  }

  get mac(): Uint8Array {
    return this.#mac;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  send(frame: Uint8Array): boolean {
    const taken = this.#isUp && this.#socket?.send(frame) === true;
    if (taken) this.#sent += 1;
    else this.#dropped += 1;
    return taken;
  }

  stats(): FramePortStats {
    return { received: this.#received, sent: this.#sent, dropped: this.#dropped };
  }

  close(): void {
    this.#stopObserving();
    this.#closeSocket();
  }

  #hear(news: LinkNews): void {
    if (news.type === "address" || news.type === "addressGone") return;
    if (news.type === "resynced") this.#closeSocket();
    const wasUp = this.#isUp;
    this.#follow();
    const isOurs = news.type === "notifyPeers" && news.link.index === this.#socket?.interfaceIndex;
    if (isOurs && wasUp && this.#isUp) isolate(() => this.onUp?.());
  }

  /** Makes the port what the table above says. */
  #follow(): void {
    const link = this.#options.links.linkNamed(this.#options.interface);
    if (link === undefined || link.index !== this.#socket?.interfaceIndex) this.#closeSocket();
    if (link === undefined) return;
    if (link.up) this.#openSocket(link);
    const moved = link.mac.length === MAC_BYTES && !sameOctets(link.mac, this.#mac);
    if (moved) this.#mac = link.mac;
    const wasUp = this.#isUp;
    this.#isUp = this.#socket !== undefined && link.up && link.running;
    if (this.#isUp && (!wasUp || moved)) isolate(() => this.onUp?.());
  }

  #openSocket(link: Link): void {
    if (this.#socket !== undefined) return;
    this.#cancelRetry();
    try {
      if (link.mac.length !== MAC_BYTES)
        throw new Error(`${link.name} is not an Ethernet interface`);
      const { etherType, accept } = this.#options;
      // Not what belongs to a bond or a VLAN on top, which a socket on this one is handed as well.
      const filter = acceptWhen(...accept, interfaceIndex.is(link.index));
      this.#socket = new PacketSocket({ interfaceIndex: link.index, etherType, filter });
      this.#socket.onFrame = (frame) => {
        this.#received += 1;
        this.onFrame?.(frame);
      };
    } catch (error) {
      this.#cancelRetry = monotonicClock.setTimer(RETRY_MS, () => this.#follow());
      isolate(() => this.onOpenFailed?.(error));
    }
  }

  #closeSocket(): void {
    this.#isUp = false;
    this.#cancelRetry();
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

const MAC_BYTES = 6;
/** Descriptors or memory may be short, or the interface is gone and the news is on its way. */
const RETRY_MS = 1000;
