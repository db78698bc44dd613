import { ExaBgp, until } from "@ingot/testkit";
import { AS_TRANS, type BgpLab } from "./bgp-lab.ts";
import { FROM_ROUTER, type Router, type RouterTraits } from "./bgp-router.ts";
import { routerTests } from "./bgp-router-tests.ts";
import type { Session } from "./bgp-sessions.ts";

class ExaBgpRouter implements Router {
  readonly traits: RouterTraits = {
    communities: [
      /"community":\[\[65001,100\]\]/,
      // It has no name for what is not transitive, nor for attribute 25.
      /target:65001:200.*"value":4613091096765840/,
      /"attribute-0x19-0xC0":"0x220010DB80+10007"/,
      /"large-community":\[\[65001,1,2\]\]/,
    ],
    gracefulShutdown: /\[65535,0\]/,
    holdExpired: /"10\.90\.17\.1".*hold timer expired/i,
    hardReset: false,
    keepsRoutes: false,
    refreshes: "asks",
    collides: false,
    extendedMessages: true,
    // It ends when it is to listen with a key over IPv6, and agrees on no next hop of IPv6 for IPv4.
    lacks: ["key_ipv6", "next_hop"],
    shutdownText: "Administrative Shutdown",
    // One with a text it cannot decode.
    endedWithoutText: /Administrative Shutdown/,
  };
  #exabgp: ExaBgp | undefined;

  async start(lab: BgpLab, sessions: readonly Session[]): Promise<void> {
    const config = sessions.map(neighborOf).join("");
    const { directory } = lab;
    this.#exabgp = await ExaBgp.start(lab.router, { directory, name: "exabgp", config });
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#running.process.kill(signal);
  }

  kill(): Promise<void> {
    return this.#running.stop("SIGKILL");
  }

  async established(session: Session): Promise<boolean> {
    return this.#tableOf(session) !== undefined;
  }

  async route(session: Session, prefix: string): Promise<string | undefined> {
    return this.#tableOf(session)?.get(prefix);
  }

  async count(session: Session): Promise<number> {
    return this.#tableOf(session)?.size ?? 0;
  }

  async askRefresh({ addresses }: Session): Promise<void> {
    this.#running.tell(`neighbor ${addresses.node} announce route-refresh ipv4 unicast`);
  }

  /** Told of a session that is not up yet for it, it does nothing. */
  async shutDown(session: Session): Promise<void> {
    const what = `ExaBGP to have the session ${session.name}`;
    await until(() => this.established(session), { timeoutMs: 10_000, what });
    this.#running.tell(`neighbor ${session.addresses.node} teardown 2`);
  }

  /** It comes back by itself. */
  async bringUp(): Promise<void> {}

  /** What peers say is not in its log, but in what it tells its program. */
  logged(pattern: RegExp, timeoutMs: number): Promise<unknown> {
    const { process } = this.#running;
    const isThere = () =>
      [...process.lines, ...this.#running.heard].some((line) => line.search(pattern) >= 0);
    return until(isThere, { timeoutMs, what: `ExaBGP to say ${pattern}` });
  }

  /** It keeps no table: what there would be in one, from all that it heard; undefined without a session. */
  #tableOf({ addresses }: Session): ReadonlyMap<string, string> | undefined {
    let table: Map<string, string> | undefined;
    for (const line of this.#running.heard) {
      if (!line.includes(`"peer": "${addresses.node}"`)) continue;
      const { neighbor } = JSON.parse(line) as Heard;
      if (neighbor.state === "up") table = new Map();
      if (neighbor.state === "down") table = undefined;
      if (table !== undefined) apply(neighbor.message?.update ?? {}, table);
    }
    return table;
  }

  get #running(): ExaBgp {
    if (this.#exabgp === undefined) throw new Error("ExaBGP was not started");
    return this.#exabgp;
  }
}

/** A record of ExaBGP; prefixes are by family and next hop. */
interface Heard {
  readonly neighbor: {
    readonly state?: string;
    readonly message?: { readonly update?: Update };
  };
}

interface Update {
  readonly attribute?: object;
  readonly announce?: Readonly<
    Record<string, Readonly<Record<string, readonly { readonly nlri: string }[]>>>
  >;
  readonly withdraw?: Readonly<Record<string, readonly { readonly nlri: string }[]>>;
}

function apply({ attribute, announce = {}, withdraw = {} }: Update, table: Map<string, string>) {
  for (const prefixes of Object.values(withdraw)) {
    for (const { nlri } of prefixes) table.delete(nlri);
  }
  for (const byNextHop of Object.values(announce)) {
    for (const [nextHop, prefixes] of Object.entries(byNextHop)) {
      const route = JSON.stringify({ nextHop, attribute });
      for (const { nlri } of prefixes) table.set(nlri, route);
    }
  }
}

function neighborOf(session: Session): string {
  const { addresses, asn, dials, extendedNextHop, families, password, ttlSecurity } = session;
  const { twoOctetAs } = session;
  const nextHops = { ipv4: "10.90.0.2", ipv6: "2001:db8:90:1::2" };
  const routes = families.map(
    (family) => `    route ${FROM_ROUTER[family]} next-hop ${nextHops[family]};\n`,
  );
  return `neighbor ${addresses.node} {
  router-id 10.90.0.2; local-address ${addresses.router};
  local-as ${asn.router}; peer-as ${twoOctetAs ? AS_TRANS : asn.node}; hold-time 30;
  ${dials === "node" ? "passive true;" : ""} ${dials === "router" ? "" : "listen 179;"}
  ${password === undefined ? "" : `md5-password "${password}";`}
  ${ttlSecurity ? "outgoing-ttl 255; incoming-ttl 255;" : ""}
  family { ${families.map((family) => `${family} unicast;`).join(" ")} }
  capability { route-refresh enable; asn4 ${twoOctetAs ? "disable" : "enable"}; ${extendedNextHop ? "nexthop enable;" : ""} }
  ${extendedNextHop ? "nexthop { ipv4 unicast ipv6; }" : ""}
  api { processes [ lines ]; neighbor-changes; receive { parsed; update; } }
  static {
${routes.join("")}  }
}
`;
}

// What is expected of each router, and by what its own ways differ, is in bgp-router-tests.ts.
routerTests("ExaBGP", "exabgp", new ExaBgpRouter());
