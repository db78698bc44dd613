import { type LinkMonitor, openNdpSocket } from "@ingot/linux";
import { RouterAdvertiser, RouterListener } from "@ingot/ndp";
import type { Clock } from "../clock.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";

/** Listens on an interface for the router at its other end, until what it returns is called. */
export type FindRouter = (
  device: string,
  /** Called with its link-local address, again and again. */
  found: (address: string) => void,
) => () => void;

/** What {@link Cables} work with. */
export interface CablesOptions {
  readonly openLinks: () => Promise<LinkMonitor>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Finds routers on interfaces without addresses of their own: this node sends Router Advertisements
 * that make it nobody's default router, which is how the router learns of it, and hears the router's.
 */
export class Cables {
  readonly #options: CablesOptions;
  /** While anything is looked for. */
  #links: Promise<LinkMonitor> | undefined;
  #watching = 0;

  constructor(options: CablesOptions) {
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

  #follow(links: LinkMonitor, device: string, found: (address: string) => void): () => void {
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
    links: LinkMonitor,
    device: string,
    linkLocal: string,
    found: (address: string) => void,
  ): () => void {
    const { clock } = this.#options;
    const socket = () => openNdpSocket({ interface: device, links, accept: "all" });
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

/** The link-local address of an interface; empty: it has none, or there is no such interface. */
export function linkLocalOf(
  links: Pick<LinkMonitor, "addresses" | "linkNamed">,
  device: string,
): string {
  const index = links.linkNamed(device)?.index;
  const own = links.addresses.find(
    ({ index: at, address, tentative }) =>
      at === index && /^fe[89ab]/.test(address) && tentative !== true,
  );
  return own?.address ?? "";
}
