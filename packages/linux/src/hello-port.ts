import { monotonicClock } from "./clock.ts";
import { HelloChannel } from "./hello-channel.ts";
import { HelloTwins } from "./hello-twins.ts";
import { type IpAddress, ipAddress, isLinkLocal, isUnicast } from "./ip-address.ts";
import { checkInteger } from "./ip-options.ts";
import { isolate } from "./isolate.ts";
import type { LinkMonitor, LinkNews } from "./links.ts";
import type { Link, LinkAddress } from "./netlink.ts";

/** Where to say hello. */
export interface HelloSocketOptions {
  /** The interface's name; it may come later, go, and come back. */
  readonly interface: string;
  readonly links: LinkMonitor;
  /** The UDP port of everybody, 1024 to 65535. */
  readonly port: number;
}

/**
 * Hellos to and from the neighbours on the interface of a name. Together with its
 * {@link LinkMonitor} it keeps the process alive until both are closed.
 */
export interface HelloPort {
  /** The interface's, six octets; zeros until the interface first was there. */
  readonly mac: Uint8Array;
  /** Whether the interface is there, is up, has a carrier, and has an address to send from. */
  readonly isUp: boolean;
  /**
   * Sends at once, to the groups of both families or to one address. False when it is not up, or the
   * system took it for no family. Never waits.
   *
   * @throws {RangeError} when `to` is not the address of a host in text, without a zone.
   */
  send(bytes: Uint8Array, to?: string): boolean;
  /**
   * Called once with each hello that came, by whichever family was first, and with the canonical
   * address it came from; the octets are yours.
   */
  onDatagram: ((bytes: Uint8Array, from: string) => void) | undefined;
  /** Called when `isUp` becomes true, and when the MAC address changed. It may be so from the start. */
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  /** Called when no socket could be opened for a family that has an address; tried again each second. */
  onOpenFailed: ((error: unknown) => void) | undefined;
  stats(): HelloPortStats;
  close(): void;
}

/** How many datagrams went each way since the port was opened. */
export interface HelloPortStats {
  /** What `onDatagram` was called with. */
  readonly received: number;
  /** Second copies, which came by the other family. */
  readonly twins: number;
  /** A hello to the groups counts once for each family. */
  readonly sent: number;
  /** Those that the system did not take, and hellos that came to `send` while the port was not up. */
  readonly dropped: number;
}

/**
 * Says hello on the interface of a name, by UDP to 224.0.0.254 and to ff02::114, and hears the hellos
 * of the neighbours; a filter in the kernel drops what came by a router. It opens when the interface
 * is there and up, and again after it was deleted and made anew, renamed or given other addresses.
 * Healing is its own business.
 *
 * @throws {RangeError} when the port is out of its range.
 */
export function openHelloSocket(options: HelloSocketOptions): HelloPort {
  return new UdpHelloPort(options);
}

// The interface has the name | and is up | and an address of the family | channel of the family
//  no                        | -         | -                            | none
//  yes                       | no        | -                            | none
//  yes                       | yes       | no                           | none
//  yes                       | yes       | yes                          | one, on this index
//
// IPv4 needs any address, IPv6 a link-local one that is no longer tentative. Channels join anew where
// the kernel may have dropped a membership unseen: with the interface or with its last address.

class UdpHelloPort implements HelloPort {
  onDatagram: ((bytes: Uint8Array, from: string) => void) | undefined;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onOpenFailed: ((error: unknown) => void) | undefined;
  readonly #options: HelloSocketOptions;
  readonly #stopObserving: () => void;
  readonly #channels = new Map<4 | 6, HelloChannel>();
  readonly #twins = new HelloTwins();
  #mac: Uint8Array = new Uint8Array(MAC_BYTES);
  #isUp = false;
  #closed = false;
  #cancelRetry: () => void = () => {};
  #counts = { received: 0, twins: 0, sent: 0, dropped: 0 };

  constructor(options: HelloSocketOptions) {
    checkInteger("port", options.port, 1024, 65_535);
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

  send(bytes: Uint8Array, to?: string): boolean {
    const target = to === undefined ? undefined : hostAddress(to);
    const channels = this.#isUp ? this.#channelsTo(target) : [];
    const taken = channels.filter((channel) => channel.send(bytes, target)).length;
    this.#counts.sent += taken;
    this.#counts.dropped += Math.max(channels.length, 1) - taken;
    return taken > 0;
  }

  stats(): HelloPortStats {
    return { ...this.#counts };
  }

  close(): void {
    this.#closed = true;
    this.#isUp = false;
    this.#stopObserving();
    this.#cancelRetry();
    this.#closeChannels();
  }

  #channelsTo(target: IpAddress | undefined): readonly HelloChannel[] {
    if (target === undefined) return [...this.#channels.values()];
    const channel = this.#channels.get(target.family);
    return channel === undefined ? [] : [channel];
  }

  #hear(news: LinkNews): void {
    if ("address" in news && !this.#isOurs(news.address)) return;
    // The interface may have been deleted and made anew unseen, and its memberships with it.
    if (news.type === "resynced") this.#closeChannels();
    this.#follow();
  }

  #isOurs({ index }: LinkAddress): boolean {
    return this.#options.links.links.get(index)?.name === this.#options.interface;
  }

  /** Makes the channels what the table above says. */
  #follow(): void {
    this.#cancelRetry();
    const link = this.#options.links.linkNamed(this.#options.interface);
    const failures = ([4, 6] as const).flatMap((family) => this.#settle(family, link));
    if (failures.length > 0) {
      this.#cancelRetry = monotonicClock.setTimer(RETRY_MS, () => this.#follow());
    }
    const moved = link?.mac.length === MAC_BYTES && Buffer.compare(link.mac, this.#mac) !== 0;
    if (moved) this.#mac = link.mac;
    const wasUp = this.#isUp;
    this.#isUp = link?.running === true && this.#channels.size > 0;
    if (this.#isUp && (!wasUp || moved)) this.#tell(() => this.onUp?.());
    if (wasUp && !this.#isUp) this.#tell(() => this.onDown?.());
    for (const failure of failures) this.#tell(() => this.onOpenFailed?.(failure));
  }

  /** Returns what went wrong, if something did. */
  #settle(family: 4 | 6, link: Link | undefined): readonly unknown[] {
    const isWanted = link?.up === true && this.#hasAddress(family, link.index);
    const channel = this.#channels.get(family);
    if (channel?.interfaceIndex === (isWanted ? link.index : undefined)) return [];
    channel?.close();
    this.#channels.delete(family);
    if (!isWanted) return [];
    try {
      this.#channels.set(family, this.#open(family, link));
      return [];
    } catch (error) {
      return [error];
    }
  }

  #hasAddress(family: 4 | 6, interfaceIndex: number): boolean {
    const isFit = (address: LinkAddress) =>
      address.index === interfaceIndex && address.family === family && canSend(address);
    return this.#options.links.addresses.some(isFit);
  }

  #open(family: 4 | 6, link: Link): HelloChannel {
    const { interface: device, port } = this.#options;
    const channel = new HelloChannel({ family, interfaceIndex: link.index, device, port });
    channel.onDatagram = (bytes, from) => this.#receive(family, bytes, from);
    return channel;
  }

  #receive(family: 4 | 6, bytes: Uint8Array, from: string): void {
    if (this.#twins.isTwin(bytes, family)) {
      this.#counts.twins += 1;
      return;
    }
    this.#counts.received += 1;
    this.onDatagram?.(bytes, from);
  }

  /** A listener that was told before may have closed it. */
  #tell(callback: () => void): void {
    if (!this.#closed) isolate(callback);
  }

  #closeChannels(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }
}

function hostAddress(text: string): IpAddress {
  const address = ipAddress("to", text);
  if (isUnicast(address)) return address;
  throw new RangeError(`to must be the address of a host, got ${address.text}`);
}

/** Whether a hello to a group can have this source. */
function canSend({ family, address, tentative }: LinkAddress): boolean {
  if (family === 4) return true;
  return !tentative && isLinkLocal(ipAddress("address", address));
}

const MAC_BYTES = 6;
/** Descriptors or memory may be short, or another process has the port. */
const RETRY_MS = 1000;
