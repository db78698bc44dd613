import { EventEmitter } from "eventemitter3";
import type { AdoptedSocket } from "./adopt.ts";
import { monotonicClock } from "./clock.ts";
import { isolate } from "./isolate.ts";
import { SystemCallError } from "./libc.ts";
import { type LinkChange, LinkTable, type LinkTableOutput } from "./link-table.ts";
import { decodeNetlink, encodeDumpRequest, type Link, type LinkAddress } from "./netlink.ts";
import { openRouteSocket } from "./route-socket.ts";

/** What a {@link LinkMonitor} tells of, each after `links` and `addresses` have it. */
export interface LinkMonitorEvents {
  /** A link appeared, or something about it changed: its state, its name, its MAC address. */
  link: [link: Link];
  linkGone: [link: Link];
  /**
   * The kernel announces its own addresses on this link anew: a bond uses another of its ports, or the
   * virtual machine was moved, so that switches have to learn where they are.
   */
  notifyPeers: [link: Link];
  /** An address appeared, or is no longer tentative. */
  address: [address: LinkAddress];
  /** Also told of each address of a link that is gone, before the link. */
  addressGone: [address: LinkAddress];
  /**
   * Notifications were lost, and everything was listed anew: the differences have been told, but a
   * link that was deleted and made again alike cannot be told from one that stayed.
   */
  resynced: [];
}

/** As the events of a {@link LinkMonitor}, in one stream. */
export type LinkNews = LinkChange | { readonly type: "resynced" };

/**
 * The links and addresses of the network namespace it was opened in, always current. Needs no
 * capability; keeps the process alive until it is closed. A listener that throws raises an
 * uncaught exception, but the monitor goes on.
 */
export class LinkMonitor extends EventEmitter<LinkMonitorEvents> {
  readonly #table = new LinkTable();
  readonly #observers = new Set<(news: LinkNews) => void>();
  #socket: AdoptedSocket | undefined;
  #cancelTimer: () => void = () => {};
  #opening: Opening | undefined;
  #closed = false;

  private constructor(opening: Opening) {
    super();
    this.#opening = opening;
    this.#subscribe();
  }

  /**
   * Resolves when everything is listed.
   *
   * @throws {SystemCallError} when the system refuses.
   */
  static open(): Promise<LinkMonitor> {
    return new Promise((resolve, reject) => {
      const monitor = new LinkMonitor({ done: () => resolve(monitor), failed: reject });
    });
  }

  /** By index. */
  get links(): ReadonlyMap<number, Link> {
    return this.#table.links;
  }

  get addresses(): readonly LinkAddress[] {
    return this.#table.addresses;
  }

  linkNamed(name: string): Link | undefined {
    for (const link of this.#table.links.values()) if (link.name === name) return link;
    return undefined;
  }

  /** Ends the events; `links` and `addresses` stay as they are. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#socket?.close();
    this.#observers.clear();
    this.removeAllListeners();
  }

  /**
   * Tells the news before any listener hears of it, and whatever a listener throws. Returns what
   * ends it.
   *
   * @internal
   */
  observe(observer: (news: LinkNews) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  #subscribe(): void {
    this.#arm(ANSWER_WITHIN_MS, () =>
      this.#fail(new Error(`rtnetlink did not answer within ${ANSWER_WITHIN_MS} ms`)),
    );
    try {
      this.#socket = openRouteSocket(LINK_GROUP | IPV4_ADDRESS_GROUP | IPV6_ADDRESS_GROUP);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#socket.onMessage = (datagram) => this.#receive(datagram);
    // ENOBUFS: notifications were lost. More will be, without a word, until the queue of this
    // socket is empty; so a new one takes its place, and the table is told what it missed.
    this.#socket.onError = () => this.#beginAgainSoon();
    this.#carryOut(this.#table.sync());
  }

  #receive(datagram: Uint8Array): void {
    for (const message of decodeNetlink(datagram)) {
      this.#carryOut(this.#table.handle(message));
      if (this.#closed) return;
    }
  }

  #carryOut(outputs: readonly LinkTableOutput[]): void {
    for (const output of outputs) {
      if (this.#closed) return;
      switch (output.type) {
        case "dump": {
          const code = this.#socket?.send(encodeDumpRequest(output.of, output.sequence));
          if (code !== undefined) this.#fail(new Error(`rtnetlink request failed: ${code}`));
          break;
        }
        case "failed":
          this.#fail(new SystemCallError("rtnetlink dump", output.errno));
          break;
        case "synced":
          this.#synced();
          break;
        default:
          this.#tell(output);
      }
    }
  }

  #synced(): void {
    this.#cancelTimer();
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) this.#tell({ type: "resynced" });
    else opening.done();
  }

  /** While opening, a failure is the caller's to handle; later it heals here. */
  #fail(error: unknown): void {
    if (this.#opening === undefined) {
      this.#beginAgainSoon();
      return;
    }
    this.close();
    this.#opening.failed(error);
  }

  #beginAgainSoon(): void {
    this.#socket?.close();
    this.#arm(PAUSE_MS, () => this.#subscribe());
  }

  #tell(news: LinkNews): void {
    for (const observer of this.#observers) isolate(() => observer(news));
    isolate(() => this.#emitNews(news));
  }

  #emitNews(news: LinkNews): void {
    switch (news.type) {
      case "link":
      case "linkGone":
      case "notifyPeers":
        this.emit(news.type, news.link);
        break;
      case "address":
      case "addressGone":
        this.emit(news.type, news.address);
        break;
      case "resynced":
        this.emit(news.type);
    }
  }

  #arm(delayMs: number, wake: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = monotonicClock.setTimer(delayMs, wake);
  }
}

interface Opening {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

const ANSWER_WITHIN_MS = 5000;
/** Lets a burst of changes pass before listing everything again. */
const PAUSE_MS = 100;
const LINK_GROUP = 0x1;
const IPV4_ADDRESS_GROUP = 0x10;
const IPV6_ADDRESS_GROUP = 0x100;
