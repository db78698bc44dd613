import { EventEmitter } from "eventemitter3";
import { formatIpv6, formatMac, type Ipv6Address, parseIpv6 } from "./address.ts";
import {
  AdvertisementSchedule,
  type ScheduleInput,
  type ScheduleOptions,
  type ScheduleOutput,
} from "./advertisement-schedule.ts";
import { type FrameCounters, type FrameEvents, FramePort } from "./frame-port.ts";
import { type RouterContent, routerAdvertisement } from "./frames.ts";
import { ALL_ROUTERS, isLinkLocal } from "./group.ts";
import { Pump } from "./pump.ts";
import { type RouterOptions, routerContent } from "./router-content.ts";
import { linkLayerSource } from "./sender.ts";
import type { Clock, NdpRouterSocket } from "./socket.ts";

/** Options of a {@link RouterAdvertiser}: what it says, how often, and from where. */
export interface RouterAdvertiserOptions extends RouterOptions, ScheduleOptions {
  /** The interface's link-local address, which advertisements must come from. */
  readonly linkLocal: string;
  /** Spreads the advertisements: numbers from 0 to below 1; by default `Math.random`. */
  readonly random?: () => number;
}

/** What a {@link RouterAdvertiser} heard and said. */
export interface RouterAdvertiserCounters {
  /** Router Solicitations; several may be answered at once. */
  readonly solicitationsReceived: number;
  /** Advertisements that the socket took, the last one of all included. */
  readonly advertisementsSent: number;
}

/** Events of a {@link RouterAdvertiser}. */
export interface RouterAdvertiserEvents extends FrameEvents {
  /** A host asked for routers, and is answered soon; its address may be `::`. */
  solicited: [senderAddress: string, senderMac: string];
}

/**
 * Advertises a router on one interface from its construction to `close`, and answers hosts that ask.
 *
 * No frame makes it throw; what a listener throws goes to whoever called the advertiser.
 *
 * @see RFC 4861 section 6.2
 */
export class RouterAdvertiser extends EventEmitter<RouterAdvertiserEvents> {
  readonly #port: FramePort;
  readonly #leave: () => void;
  readonly #pump: Pump<ScheduleInput, ScheduleOutput>;
  readonly #content: RouterContent;
  readonly #linkLocal: Ipv6Address;
  #solicitationsReceived = 0;
  #advertisementsSent = 0;

  /**
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   * @throws {TypeError} when a text is not an address or prefix.
   */
  constructor(socket: NdpRouterSocket, clock: Clock, options: RouterAdvertiserOptions) {
    super();
    this.#linkLocal = parseIpv6(options.linkLocal);
    if (!isLinkLocal(this.#linkLocal)) {
      throw new RangeError(`linkLocal must be in fe80::/10, got ${options.linkLocal}`);
    }
    this.#content = routerContent(options, options.maxIntervalMs);
    const schedule = new AdvertisementSchedule(options, options.random ?? Math.random);
    this.#port = new FramePort(socket, {
      malformed: (error) => this.emit("malformed", error),
      invalid: (reason) => this.emit("invalid", reason),
    });
    this.#pump = new Pump(clock, schedule, { type: "tick" }, (outputs) => {
      for (const output of outputs) this.#carryOut(output);
    });
    this.#leave = socket.joinGroup(formatIpv6(ALL_ROUTERS));
    socket.onFrame = (frame) => this.#receive(frame);
    socket.onUp = () => this.#pump.handle({ type: "up" });
    this.#pump.handle({ type: "start" });
  }

  /** A copy of the counters. */
  get counters(): RouterAdvertiserCounters {
    return {
      solicitationsReceived: this.#solicitationsReceived,
      advertisementsSent: this.#advertisementsSent,
    };
  }

  /** A copy of the counters of frames; solicitations are not among the ignored. */
  get frameCounters(): FrameCounters {
    return this.#port.counters;
  }

  /**
   * Says once that the router is none any more, and closes the socket; a second call does nothing.
   * Prefixes and servers are left to their lifetimes.
   */
  close(): void {
    if (this.#pump.closed) return;
    this.#pump.handle({ type: "stop" });
    this.#pump.close();
    this.#leave();
    this.#port.close();
    this.removeAllListeners();
  }

  #receive(frame: Uint8Array): void {
    const packet = this.#port.read(frame);
    if (packet === undefined) return;
    if (packet.type !== "router-solicitation" || packet.sourceMac === this.#port.mac) {
      this.#port.ignore();
      return;
    }
    this.#solicitationsReceived += 1;
    this.#pump.handle({ type: "solicitation" });
    this.emit("solicited", formatIpv6(packet.source), formatMac(linkLayerSource(packet)));
  }

  #carryOut(output: ScheduleOutput): void {
    const isEnd = output.type === "retire";
    const content = isEnd ? { ...this.#content, lifetimeSeconds: 0 } : this.#content;
    const packet = routerAdvertisement(content, this.#linkLocal, this.#port.mac);
    if (this.#port.send(packet)) this.#advertisementsSent += 1;
  }
}
