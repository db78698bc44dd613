import { Frr } from "@ingot/testkit";
import { ASN, type BgpLab } from "./bgp-lab.ts";
import { FROM_ROUTER, type Router, type RouterTraits } from "./bgp-router.ts";
import { routerTests } from "./bgp-router-tests.ts";
import type { Session } from "./bgp-sessions.ts";

class FrrRouter implements Router {
  readonly traits: RouterTraits = {
    // It does not tell of IPv6 extended communities.
    communities: [/"65001:100"/, /"RT:65001:200 LB:65001:12500000 .*"/, /"65001:1:2"/],
    gracefulShutdown: /graceful-?shutdown/i,
    holdExpired: /10\.90\.17\.1 4\/0 \(Hold Timer Expired\)/,
    hardReset: true,
    // AS numbers of four octets cannot be turned off.
    lacks: ["narrow_asn"],
    keepsRoutes: true,
    // It takes note of a ROUTE-REFRESH, and does not always announce anything again.
    refreshes: "asks",
    collides: true,
    extendedMessages: true,
  };
  #frr: Frr | undefined;

  async start(lab: BgpLab, sessions: readonly Session[]): Promise<void> {
    const config = `${HEAD}${sessions.map(neighborOf).join("")}${familiesOf(sessions)}`;
    this.#frr = await Frr.start(lab.router, { directory: lab.directory, name: "frr", config });
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#running.processes.get("bgpd")?.kill(signal);
  }

  kill(): Promise<void> {
    return this.#running.stop("SIGKILL");
  }

  async established(session: Session): Promise<boolean> {
    return (await this.#neighbor(session)).bgpState === "Established";
  }

  async route({ addresses }: Session, prefix: string): Promise<string | undefined> {
    const family = prefix.includes(":") ? "ipv6" : "ipv4";
    const { paths = [] } = (await this.#running.json(`show bgp ${family} unicast ${prefix}`)) as {
      readonly paths?: readonly { readonly peer: { readonly peerId: string } }[];
    };
    const path = paths.find(({ peer }) => peer.peerId === addresses.node);
    return path && JSON.stringify(path);
  }

  async count(session: Session): Promise<number> {
    const { addressFamilyInfo = {} } = await this.#neighbor(session);
    return Object.values(addressFamilyInfo).reduce(
      (sum, { acceptedPrefixCounter = 0 }) => sum + acceptedPrefixCounter,
      0,
    );
  }

  askRefresh({ addresses }: Session): Promise<unknown> {
    return this.#running.ask(`clear bgp ${addresses.node} soft in`);
  }

  shutDown({ addresses }: Session, text: string): Promise<unknown> {
    return this.#configure(`neighbor ${addresses.node} shutdown message ${text}`);
  }

  bringUp({ addresses }: Session): Promise<unknown> {
    return this.#configure(`no neighbor ${addresses.node} shutdown`);
  }

  logged(pattern: RegExp, timeoutMs: number): Promise<unknown> {
    const bgpd = this.#running.processes.get("bgpd");
    if (bgpd === undefined) throw new Error("no bgpd");
    return bgpd.waitForLine(pattern, timeoutMs);
  }

  async #neighbor({ addresses }: Session): Promise<Neighbor> {
    const answer = await this.#running.json(`show bgp neighbors ${addresses.node}`);
    return (answer as Readonly<Record<string, Neighbor>>)[addresses.node] ?? {};
  }

  #configure(line: string): Promise<void> {
    return this.#running.configure(`router bgp ${ASN.router}\n ${line}\n`);
  }

  get #running(): Frr {
    if (this.#frr === undefined) throw new Error("FRR was not started");
    return this.#frr;
  }
}

interface Neighbor {
  readonly bgpState?: string;
  readonly addressFamilyInfo?: Readonly<
    Record<string, { readonly acceptedPrefixCounter?: number }>
  >;
}

const HEAD = `router bgp ${ASN.router}
 bgp router-id 10.90.0.2
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
`;

function neighborOf(session: Session): string {
  const { addresses, asn, dials, extendedNextHop, multihop, password, ttlSecurity } = session;
  const settings = [
    `remote-as ${asn.node}`,
    `update-source ${addresses.router}`,
    "timers 10 30",
    "timers connect 1",
    ...(dials === "node" ? ["passive"] : []),
    ...(password === undefined ? [] : [`password ${password}`]),
    ...(ttlSecurity ? ["ttl-security hops 1"] : []),
    ...(multihop ? ["ebgp-multihop 2"] : []),
    ...(extendedNextHop ? ["capability extended-nexthop"] : []),
  ];
  return settings.map((setting) => ` neighbor ${addresses.node} ${setting}\n`).join("");
}

function familiesOf(sessions: readonly Session[]): string {
  return (["ipv4", "ipv6"] as const)
    .map((family) => {
      const neighbors = sessions.filter(({ families }) => families.includes(family));
      const lines = neighbors.map(({ addresses }) => `  neighbor ${addresses.node} activate\n`);
      return ` address-family ${family} unicast
  network ${FROM_ROUTER[family]}
${lines.join("")} exit-address-family
`;
    })
    .join("");
}

// What is expected of each router, and by what its own ways differ, is in bgp-router-tests.ts.
routerTests("FRR", "frr", new FrrRouter());
