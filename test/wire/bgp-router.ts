import { until } from "@ingot/testkit";
import type { BgpLab } from "./bgp-lab.ts";
import type { Session } from "./bgp-sessions.ts";

/** What is true of one kind of router only. */
export interface RouterTraits {
  /**
   * Tells the kinds of communities in what it says of a route: 65001:100, rt 65001:200, 100 Mbit/s on
   * the link, rt [2001:db8::1]:7, 65001:1:2.
   */
  readonly communities: readonly RegExp[];
  /** GRACEFUL_SHUTDOWN. @see RFC 8326 */
  readonly gracefulShutdown: RegExp;
  /** What it logs when it misses us in the session that is called restarting. */
  readonly holdExpired: RegExp;
  /** It says that it has the N bit, so that what takes its routes is a hard reset. @see RFC 8538 */
  readonly hardReset: boolean;
  /** It keeps the routes of a speaker that restarts. @see RFC 4724 section 4.2 */
  readonly keepsRoutes: boolean;
  /** It can be made to send a ROUTE-REFRESH, does what one of ours asks for, or both. */
  readonly refreshes: "asks" | "answers" | "both";
  /** The names of sessions that it is not capable of; none by default. */
  readonly lacks?: readonly string[];
  /** The only text it ends a session with; any by default. */
  readonly shutdownText?: string;
  /** What it says of a session that ended without a text, if it takes none; by default it does. */
  readonly endedWithoutText?: RegExp;
  /** It takes messages of more than 4,096 octets. @see RFC 8654 */
  readonly extendedMessages: boolean;
  /** It dials at once when it is overdue, so that a collision can be had. */
  readonly collides: boolean;
}

/** A router that sessions are tried with: each kind answers the same questions in its own way. */
export interface Router {
  readonly traits: RouterTraits;
  /** Starts it, or starts it again, with its side of these sessions. */
  start(lab: BgpLab, sessions: readonly Session[]): Promise<void>;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Without a word to anybody. */
  kill(): Promise<void>;
  established(session: Session): Promise<boolean>;
  /** Everything it says of a route of ours; undefined when it has none over this session. */
  route(session: Session, prefix: string): Promise<string | undefined>;
  /** How many routes of ours it has over this session. */
  count(session: Session): Promise<number>;
  /** Has it ask us for our routes again. */
  askRefresh(session: Session): Promise<unknown>;
  /** Has it end the session until {@link Router.bringUp}; with this text for us. */
  shutDown(session: Session, text: string): Promise<unknown>;
  bringUp(session: Session): Promise<unknown>;
  /** Waits until its log has this. */
  logged(pattern: RegExp, timeoutMs: number): Promise<unknown>;
}

/** What every router announces. */
export const FROM_ROUTER = { ipv4: "203.0.113.0/24", ipv6: "2001:db8:203::/48" } as const;

/** Waits for what a router says of a route of ours. */
export function routeAt(
  router: Router,
  session: Session,
  prefix: string,
  fits: (route: string) => boolean = () => true,
): Promise<string> {
  let last: string | undefined;
  return until(
    async () => {
      last = await router.route(session, prefix);
      if (last !== undefined && !fits(last)) throw new Error(last);
      return last;
    },
    { timeoutMs: 10_000, what: `${prefix} over ${session.name}` },
  );
}

/** Waits until the router has that many routes of ours over a session. */
export function countAt(router: Router, session: Session, count: number): Promise<unknown> {
  return until(
    async () => {
      const now = await router.count(session);
      if (now !== count) throw new Error(`${now} routes`);
      return true;
    },
    { timeoutMs: 15_000, what: `${count} routes over ${session.name}` },
  );
}
