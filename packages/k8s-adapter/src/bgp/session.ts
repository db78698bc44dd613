import {
  Afi,
  type BgpTransport,
  describeReason,
  type PathAttributes,
  type Peer,
  Safi,
  Speaker,
} from "@ingot/bgp";
import { familyOf } from "../address.ts";
import { BfdGuard } from "../bfd/guard.ts";
import type { BfdWatches } from "../bfd/watches.ts";
import type { Clock } from "../clock.ts";
import type { BfdTiming } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";
import { isInternal, type PeerSettings } from "../reconcile/bgp-peers.ts";
import type { PeerSession } from "./announcements.ts";
import { otherNextHop } from "./next-hop.ts";
import { deriveRouterId, type HostAddress } from "./router-id.ts";

/** What sessions run on. */
export interface SessionHost {
  readonly node: string;
  readonly transport: BgpTransport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where BFD watches over sessions. */
  readonly watches: BfdWatches;
  /** The addresses of this host by now, without those of interfaces that nobody can be reached by. */
  readonly addresses: () => readonly HostAddress[];
  /** Whether this program has not announced everything yet. */
  readonly isStarting: () => boolean;
}

/** What a session has come to, for metrics. */
export interface SessionStatus {
  readonly isUp: boolean;
  /** UPDATE messages sent over the session that there is, or 0. */
  readonly updates: number;
  /** Prefixes that the peer has. */
  readonly announced: number;
  /** Prefixes that it is to have. */
  readonly wanted: number;
}

/**
 * A BGP speaker with one peer: it dials from the start, and again whenever it has to. What goes wrong
 * is said in the log, once for as long as it stays the same.
 */
export class BgpSession implements PeerSession {
  readonly settings: PeerSettings;
  readonly #logger: Logger;
  readonly #fields: { readonly peer: string; readonly address: string };
  #speaker: Speaker | undefined;
  #peer: Peer | undefined;
  #guard: BfdGuard | undefined;
  #trouble = "";

  constructor(settings: PeerSettings, host: SessionHost) {
    this.settings = settings;
    this.#logger = host.logger;
    this.#fields = { peer: settings.name, address: settings.address };
    try {
      this.#open(host);
    } catch (error) {
      // Such as a key where the system has no TCP MD5. The other peers go on.
      this.#logger.error({ ...this.#fields, error: textOf(error) }, "no session with a BGP peer");
      void this.#speaker?.close();
      this.#speaker = undefined;
    }
  }

  get isUp(): boolean {
    return this.#peer?.state === "established";
  }

  get status(): SessionStatus {
    const sent = this.#peer?.counters.sent;
    return {
      isUp: this.isUp,
      updates: sent?.messages ?? 0,
      announced: sent?.advertised ?? 0,
      wanted: this.#speaker?.routes.size ?? 0,
    };
  }

  announce(prefix: string, attributes: PathAttributes): void {
    this.#speaker?.announce(prefix, attributes);
  }

  withdraw(prefix: string): void {
    this.#speaker?.withdraw(prefix);
  }

  complete(): void {
    this.#speaker?.routesComplete();
  }

  watch(timing: BfdTiming | undefined): void {
    this.#guard?.setTiming(timing);
  }

  async stop(text: string, forRestart: boolean): Promise<void> {
    this.#peer?.removeAllListeners();
    this.#guard?.stop();
    const graceful = forRestart && this.settings.gracefulRestart;
    await this.#speaker?.close({ text, graceful });
  }

  #open(host: SessionHost): void {
    const { settings } = this;
    const { address, sourceAddress } = settings;
    const addresses = host.addresses();
    const device = settings.interface || settings.vrf;
    const isBoth = settings.dualStack || settings.interface !== "";
    this.#speaker = new Speaker({
      asn: settings.localAsn,
      routerId: settings.routerId || deriveRouterId(host.node, addresses, address, sourceAddress),
      transport: host.transport,
      clock: host.clock,
      // The peer may have kept the routes of the speaker that ran here before.
      restarting: settings.gracefulRestart && host.isStarting(),
    });
    this.#peer = this.#speaker.peer({
      address,
      port: settings.port,
      asn: settings.peerAsn,
      holdTimeS: settings.holdTimeS,
      families: isBoth ? BOTH : familyOf(address) === 4 ? IPV4 : IPV6,
      nextHop:
        isBoth && settings.interface === "" ? otherNextHop(addresses, address, sourceAddress) : {},
      // A router that wants packets from its own link alone gets them (RFC 5082), the others do not mind.
      ttl: 255,
      ...(settings.keepaliveS === 0 ? {} : { keepaliveS: settings.keepaliveS }),
      ...(settings.connectRetryMs === 0 ? {} : { connectRetryMs: settings.connectRetryMs }),
      ...(sourceAddress === "" ? {} : { localAddress: sourceAddress }),
      ...(device === "" ? {} : { device }),
      ...(settings.interface === "" ? {} : { extendedNextHop: true }),
      ...(settings.password === "" ? {} : { password: settings.password }),
      ...(settings.gracefulRestart ? { gracefulRestart: {} } : {}),
    });
    const peer = this.#peer;
    this.#listen(peer);
    this.#guard = new BfdGuard(settings, { ...host, tell: (state) => peer.bfd(state) });
  }

  #listen(peer: Peer): void {
    peer.on("established", ({ negotiated, localAddress }) => {
      this.#trouble = "";
      this.#guard?.follow(localAddress);
      const { peerAsn, holdTimeS } = negotiated;
      const kind = isInternal(this.settings) ? "internal" : "external";
      this.#logger.info(
        { ...this.#fields, asn: peerAsn, kind, localAddress, holdTimeS },
        "BGP session is up",
      );
    });
    peer.on("down", (reason) => {
      this.#logger.warn({ ...this.#fields, reason: describeReason(reason) }, "BGP session is down");
    });
    peer.on("failed", (reason) => {
      const trouble = describeReason(reason);
      if (trouble === this.#trouble) return;
      this.#trouble = trouble;
      this.#logger.warn({ ...this.#fields, reason: trouble }, "no BGP session yet, trying again");
    });
  }
}

const IPV4 = [{ afi: Afi.ipv4, safi: Safi.unicast }];
const IPV6 = [{ afi: Afi.ipv6, safi: Safi.unicast }];
const BOTH = [...IPV4, ...IPV6];
