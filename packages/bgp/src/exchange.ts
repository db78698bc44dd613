import { isIpv6, isLinkLocal } from "./address.ts";
import { Afi, MAX_EXTENDED_MESSAGE_LENGTH, MAX_MESSAGE_LENGTH } from "./constants.ts";
import { Import, type ImportCounters, type ImportHandler } from "./import.ts";
import type { Family, NotificationMessage, RouteRefreshMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import type { ResolvedOptions } from "./peer-options.ts";
import type { AdjRibOut } from "./routes/adj-rib-out.ts";
import type { Outbox, OutboxCounters } from "./routes/outbox.ts";
import type { NextHopSelf, SessionClass } from "./routes/session-class.ts";
import type { Session } from "./session.ts";

/** What an exchange has to know besides what was negotiated. */
export interface ExchangeOptions {
  readonly options: ResolvedOptions;
  readonly routes: AdjRibOut;
  readonly counters: ImportCounters;
  /** Takes what comes in; undefined: nobody wants to know. */
  readonly onRoutes: ImportHandler | undefined;
  /** Whether routes carry GRACEFUL_SHUTDOWN from the start. */
  readonly gracefulShutdown: boolean;
  /** Something is to be sent, once this turn is over. */
  readonly onPending: () => void;
}

/** The routes that go back and forth in one Established session. */
export class Exchange {
  readonly negotiated: Negotiated;
  readonly #session: Session;
  readonly #options: ResolvedOptions;
  readonly #import: Import;
  readonly #outbox: Outbox;

  constructor(session: Session, negotiated: Negotiated, exchange: ExchangeOptions) {
    const { options } = exchange;
    this.negotiated = negotiated;
    this.#session = session;
    this.#options = options;
    const { maximumPrefixes, enforceFirstAs, role } = options;
    const policy = { handler: exchange.onRoutes, maximumPrefixes, enforceFirstAs, role };
    this.#import = new Import(negotiated, policy, exchange.counters);
    const sessionClass = this.#classOf(exchange.gracefulShutdown);
    this.#outbox = exchange.routes.attach(sessionClass, options.exportFilter);
    this.#outbox.onPending = exchange.onPending;
    session.established(negotiated, this.#outbox);
    if (this.#outbox.pending) exchange.onPending();
  }

  get sent(): OutboxCounters {
    return this.#outbox.counters;
  }

  /** An UPDATE: the NOTIFICATION if it is a reason to reset, otherwise what takes it in. */
  receive(
    body: Uint8Array,
  ): { fault: NotificationMessage } | (() => NotificationMessage | undefined) {
    const update = this.#import.judge(body);
    const { verdict } = update;
    if (verdict.action === "reset") return { fault: verdict.notification };
    return () => this.#import.take(update);
  }

  /** The peer wants to be told everything again, or marks a replay of its own. @see RFC 2918, RFC 7313 */
  refresh({ afi, safi, subtype }: RouteRefreshMessage): void {
    const { enhancedRouteRefresh } = this.negotiated;
    const family = { afi, safi };
    if (subtype === 0) this.#outbox.refresh(family, enhancedRouteRefresh);
    else if (enhancedRouteRefresh && subtype <= 2) {
      this.#import.replay(family, subtype === 1 ? "begins" : "ends");
    }
  }

  /** Says of each family that it is complete, once it is sent. @see RFC 4724 section 4.1 */
  endOfRibs(): void {
    for (const family of this.negotiated.families) this.#outbox.endOfRib(family);
  }

  /** @see RFC 8326 section 4 */
  setGracefulShutdown(gracefulShutdown: boolean): void {
    this.#outbox.setClass(this.#classOf(gracefulShutdown));
  }

  close(): void {
    this.#outbox.detach();
  }

  #classOf(gracefulShutdown: boolean): SessionClass {
    const { negotiated } = this;
    const { role } = this.#options;
    return {
      fourOctetAs: negotiated.fourOctetAs,
      internal: negotiated.internal,
      localAsn: this.#options.localAsn,
      maxMessageLength: negotiated.extendedMessage
        ? MAX_EXTENDED_MESSAGE_LENGTH
        : MAX_MESSAGE_LENGTH,
      families: negotiated.families,
      nextHop: { ...ownNextHop(this.#session), ...this.#options.nextHop },
      extendedNextHop: negotiated.extendedNextHop.some(isIpv4OverIpv6),
      linkLocalNextHop: negotiated.linkLocalNextHop,
      addPath: negotiated.addPath.filter(({ send }) => send),
      gracefulShutdown,
      ...(role !== undefined && !negotiated.internal && { role }),
    };
  }
}

/** The connection's own address, in its family. */
function ownNextHop({ connection: { localAddress } }: Session): NextHopSelf {
  if (!isIpv6(localAddress)) return { ipv4: localAddress };
  return isLinkLocal(localAddress) ? { linkLocal: localAddress } : { ipv6: localAddress };
}

function isIpv4OverIpv6(entry: Family & { readonly nextHopAfi: number }): boolean {
  return entry.afi === Afi.ipv4 && entry.safi === 1 && entry.nextHopAfi === Afi.ipv6;
}
