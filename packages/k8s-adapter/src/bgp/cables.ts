import { type NdpRouterSocket, RouterAdvertiser, RouterListener } from "@ingot/ndp";
import type { Clock } from "../clock.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";

/** Listens on an interface for the router at its other end, until what it returns is called. */
export type FindRouter = (
  device: string,
  /** Called with its link-local address, again and again. */
  found: (address: string) => void,
) => () => void;

/** What is looked at of this host's interfaces; the `LinkMonitor` of `@ingot/linux` has it. */
export interface LinkView {
  readonly addresses: readonly {
    /** Of the interface. */
    readonly index: number;
    readonly address: string;
    readonly tentative: boolean;
  }[];
  linkNamed(name: string): { readonly index: number } | undefined;
}

/** A view that says when it changes, until it is closed. */
export interface WatchedLinks extends LinkView {
  on(event: LinkEvent, listener: () => void): unknown;
  off(event: LinkEvent, listener: () => void): unknown;
  close(): void;
}

/** What {@link Cables} work with. */
export interface CablesOptions<Links extends WatchedLinks> {
  readonly openLinks: () => Promise<Links>;
  /** A socket for all of NDP on an interface. @throws {Error} when there can be none. */
  readonly openSocket: (links: Links, device: string) => NdpRouterSocket;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Finds routers on interfaces without addresses of their own: this node sends Router Advertisements
 * that make it nobody's default router, which is how the router learns of it, and hears the router's.
 */
export class Cables<Links extends WatchedLinks> {
  readonly #options: CablesOptions<Links>;
  /** While anything is looked for. */
  #links: Promise<Links> | undefined;
  #watching = 0;

  constructor(options: CablesOptions<Links>) {
    this.#options = options;
  }

  readonly find: FindRouter = (device, found) => {
    const { openLinks, logger } = this.#options;
    let isOver = false;
    let end = () => {};
    this.#watching += 1;
    this.#links ??= openLinks();
    this.#links.then(
      (links) => {
        if (!isOver) end = this.#follow(links, device, found);
      },
      (error: unknown) =>
        logger.error({ interface: device, error: textOf(error) }, "no router can be found"),
    );
    return () => {
      if (isOver) return;
      isOver = true;
      end();
      this.#watching -= 1;
      if (this.#watching === 0) this.#close();
    };
  };

  #close(): void {
    this.#links?.then(
      (links) => links.close(),
      () => {},
    );
    this.#links = undefined;
  }

  #follow(links: Links, device: string, found: (address: string) => void): () => void {
    const { logger } = this.#options;
    let linkLocal: string | undefined;
    let close = () => {};
    const settle = () => {
      const now = linkLocalOf(links, device);
      if (now === linkLocal) return;
      linkLocal = now;
      close();
      close = () => {};
      try {
        if (now !== "") close = this.#speak(links, device, now, found);
        else logger.warn({ interface: device }, "no router can be found: no link-local address");
      } catch (error) {
        logger.error({ interface: device, error: textOf(error) }, "no router can be found");
      }
    };
    for (const event of EVENTS) links.on(event, settle);
    settle();
    return () => {
      for (const event of EVENTS) links.off(event, settle);
      close();
    };
  }

  #speak(
    links: Links,
    device: string,
    linkLocal: string,
    found: (address: string) => void,
  ): () => void {
    const { clock, openSocket } = this.#options;
    const socket = () => openSocket(links, device);
    const advertiser = new RouterAdvertiser(socket(), clock, {
      linkLocal,
      lifetimeSeconds: 0,
      maxIntervalMs: 10_000,
    });
    const listener = new RouterListener(socket(), clock, { linkLocal });
    listener.on("heard", ({ address }) => found(address));
    return () => {
      listener.close();
      advertiser.close();
    };
  }
}

const EVENTS = ["link", "linkGone", "address", "addressGone", "resynced"] as const;
type LinkEvent = (typeof EVENTS)[number];

/** The link-local address of an interface; empty: it has none, or there is no such interface. */
export function linkLocalOf(links: LinkView, device: string): string {
  const index = links.linkNamed(device)?.index;
  const own = links.addresses.find(
    ({ index: at, address, tentative }) => at === index && /^fe[89ab]/.test(address) && !tentative,
  );
  return own?.address ?? "";
}
