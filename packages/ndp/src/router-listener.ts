import { EventEmitter } from "eventemitter3";
import { formatIpv6, formatMac, type Ipv6Address, parseIpv6 } from "./address.ts";
import { type FrameCounters, type FrameEvents, FramePort } from "./frame-port.ts";
import { routerSolicitation } from "./frames.ts";
import { isLinkLocal, UNSPECIFIED } from "./group.ts";
import type { RouterAdvertisement, RouterPreference } from "./message.ts";
import { Pump } from "./pump.ts";
import {
  type DiscoveryInput,
  type DiscoveryOutput,
  type DnsServerRecord,
  type PrefixRecord,
  RouterDiscovery,
  type RouterRecord,
} from "./router-discovery.ts";
import { linkLayerSource } from "./sender.ts";
import type { Clock, NdpFrameSocket } from "./socket.ts";

/** Options of a {@link RouterListener}. */
export interface RouterListenerOptions {
  /** The interface's link-local address, to ask from; without it `::` asks, which is allowed. */
  readonly linkLocal?: string;
  /** Spreads the questions: numbers from 0 to below 1; by default `Math.random`. */
  readonly random?: () => number;
}

/** A default router. Its `expiresAt` is a moment of the clock, as in all that follows. */
export interface Router {
  /** Link-local. */
  readonly address: string;
  readonly mac: string;
  readonly preference: RouterPreference;
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
  readonly expiresAt: number;
}

/** A prefix of the link. */
export interface Prefix {
  /** Such as `2001:db8:1::/64`. */
  readonly prefix: string;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  /** From then on its addresses should not be used for anything new. */
  readonly preferredUntil: number;
  /** Infinite for one that is valid for ever. */
  readonly expiresAt: number;
}

/** A recursive DNS server. */
export interface DnsServer {
  readonly address: string;
  /** Infinite for one that serves for ever. */
  readonly expiresAt: number;
}

/** Who sent a Router Advertisement, of a router that is no default router too. */
export interface HeardRouter {
  /** Link-local. */
  readonly address: string;
  readonly mac: string;
  readonly lifetimeSeconds: number;
}

/** Events of a {@link RouterListener}. That a lifetime grew is none. */
export interface RouterListenerEvents extends FrameEvents {
  /** Told with every valid advertisement. */
  heard: [router: HeardRouter];
  /** A default router is new, or something about it. */
  router: [router: Router];
  routerGone: [address: string];
  /** A prefix is new, or something about it: its flags, or whether it is preferred. */
  prefix: [prefix: Prefix];
  prefixGone: [prefix: string];
  dnsServer: [server: DnsServer];
  dnsServerGone: [address: string];
  mtu: [mtu: number];
}

/**
 * Asks for the routers on one interface, and keeps what they tell. Configures nothing.
 *
 * No frame makes it throw; what a listener throws goes to whoever called the listener's socket.
 *
 * @see RFC 4861 section 6.3
 */
export class RouterListener extends EventEmitter<RouterListenerEvents> {
  readonly #port: FramePort;
  readonly #discovery: RouterDiscovery;
  readonly #pump: Pump<DiscoveryInput, DiscoveryOutput>;
  readonly #source: Ipv6Address;

  /**
   * @throws {TypeError} when `linkLocal` is not an IPv6 address.
   * @throws {RangeError} when it is not link-local.
   */
  constructor(socket: NdpFrameSocket, clock: Clock, options: RouterListenerOptions = {}) {
    super();
    const { linkLocal, random = Math.random } = options;
    this.#source = linkLocal === undefined ? UNSPECIFIED : parseIpv6(linkLocal);
    if (linkLocal !== undefined && !isLinkLocal(this.#source)) {
      throw new RangeError(`linkLocal must be in fe80::/10, got ${linkLocal}`);
    }
    this.#port = new FramePort(socket, {
      malformed: (error) => this.emit("malformed", error),
      invalid: (reason) => this.emit("invalid", reason),
    });
    this.#discovery = new RouterDiscovery(random);
    this.#pump = new Pump(clock, this.#discovery, { type: "tick" }, (outputs, input) => {
      if (input.type === "advertisement") this.#hear(input.packet);
      for (const output of outputs) this.#carryOut(output);
    });
    socket.onFrame = (frame) => this.#receive(frame);
    socket.onUp = () => this.#pump.handle({ type: "up" });
    this.#pump.handle({ type: "start" });
  }

  /** The default routers, in the order in which they were first heard. */
  get routers(): readonly Router[] {
    return this.#discovery.routers.map(routerText);
  }

  /** The prefixes of the link, in the order in which they were first heard. */
  get prefixes(): readonly Prefix[] {
    return this.#discovery.prefixes.map(prefixText);
  }

  /** The recursive DNS servers, in the order in which they were first heard. */
  get dnsServers(): readonly DnsServer[] {
    return this.#discovery.dnsServers.map(serverText);
  }

  /** What a router last said; undefined while none did. */
  get mtu(): number | undefined {
    return this.#discovery.mtu;
  }

  /** A copy of the counters of frames; advertisements are not among the ignored. */
  get frameCounters(): FrameCounters {
    return this.#port.counters;
  }

  /** Closes the socket; what was learned stays, and does not expire any more. */
  close(): void {
    if (!this.#pump.close()) return;
    this.#port.close();
    this.removeAllListeners();
  }

  #receive(frame: Uint8Array): void {
    const packet = this.#port.read(frame);
    if (packet === undefined) return;
    const isHeard = packet.type === "router-advertisement" && packet.sourceMac !== this.#port.mac;
    if (isHeard) this.#pump.handle({ type: "advertisement", packet });
    else this.#port.ignore();
  }

  #hear(packet: RouterAdvertisement): void {
    if (this.listenerCount("heard") === 0) return;
    this.emit("heard", {
      address: formatIpv6(packet.source),
      mac: formatMac(linkLayerSource(packet)),
      lifetimeSeconds: packet.lifetimeSeconds,
    });
  }

  #carryOut(output: DiscoveryOutput): void {
    if (this.#pump.closed) return;
    switch (output.type) {
      case "solicit":
        this.#port.send(routerSolicitation(this.#source, this.#port.mac));
        return;
      case "router":
        this.emit("router", routerText(output.router));
        return;
      case "routerGone":
        this.emit("routerGone", formatIpv6(output.router.address));
        return;
      case "prefix":
        this.emit("prefix", prefixText(output.prefix));
        return;
      case "prefixGone":
        this.emit("prefixGone", prefixText(output.prefix).prefix);
        return;
      case "dnsServer":
        this.emit("dnsServer", serverText(output.server));
        return;
      case "dnsServerGone":
        this.emit("dnsServerGone", formatIpv6(output.server.address));
        return;
      case "mtu":
        this.emit("mtu", output.mtu);
    }
  }
}

function routerText(router: RouterRecord): Router {
  return { ...router, address: formatIpv6(router.address), mac: formatMac(router.mac) };
}

function prefixText({ prefixLength, ...prefix }: PrefixRecord): Prefix {
  return { ...prefix, prefix: `${formatIpv6(prefix.prefix)}/${prefixLength}` };
}

function serverText(server: DnsServerRecord): DnsServer {
  return { ...server, address: formatIpv6(server.address) };
}
