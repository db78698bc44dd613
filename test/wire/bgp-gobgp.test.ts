import { GoBgp } from "@ingot/testkit";
import { ASN, type BgpLab } from "./bgp-lab.ts";
import { FROM_ROUTER, type Router, type RouterTraits } from "./bgp-router.ts";
import { routerTests } from "./bgp-router-tests.ts";
import type { Session } from "./bgp-sessions.ts";

class GoBgpRouter implements Router {
  readonly traits: RouterTraits = {
    communities: [
      /"communities":\[4259905636\]/,
      /"value":"65001:200"/,
      /"asn":65001,"bandwidth":12500000/,
      /"value":"2001:db8::1:7"/,
      /"LocalData1":1,"LocalData2":2/,
    ],
    gracefulShutdown: /"communities":\[[^\]]*4294901760/,
    holdExpired: /hold timer expired.* Key=10\.90\.17\.1 /,
    hardReset: true,
    // AS numbers of four octets cannot be turned off; with a hold time of 0 it ends a session at once.
    lacks: ["narrow_asn", "hold_zero"],
    keepsRoutes: true,
    refreshes: "answers",
    collides: false,
    extendedMessages: false,
  };
  #gobgp: GoBgp | undefined;

  async start(lab: BgpLab, sessions: readonly Session[]): Promise<void> {
    const config = HEAD + sessions.map(neighborOf).join("");
    this.#gobgp = await GoBgp.start(lab.router, {
      directory: lab.directory,
      name: "gobgp",
      config,
    });
    for (const [family, prefix] of Object.entries(FROM_ROUTER)) {
      await this.#running.ask("global", "rib", "add", prefix, "-a", family);
    }
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#running.process.kill(signal);
  }

  kill(): Promise<void> {
    return this.#running.stop("SIGKILL");
  }

  async established(session: Session): Promise<boolean> {
    return (await this.#neighbor(session)).state?.session_state === ESTABLISHED;
  }

  async route({ addresses }: Session, prefix: string): Promise<string | undefined> {
    const family = prefix.includes(":") ? "ipv6" : "ipv4";
    const table = (await this.#running.json("global", "rib", prefix, "-a", family)) as {
      readonly [prefix: string]: readonly { readonly "neighbor-ip": string }[];
    };
    const path = table[prefix]?.find((entry) => entry["neighbor-ip"] === addresses.node);
    return path && JSON.stringify(path);
  }

  async count(session: Session): Promise<number> {
    const { afi_safis = [] } = await this.#neighbor(session);
    return afi_safis.reduce((sum, { state }) => sum + (state?.accepted ?? 0), 0);
  }

  askRefresh({ addresses }: Session): Promise<unknown> {
    return this.#running.ask("neighbor", addresses.node, "softresetin");
  }

  shutDown({ addresses }: Session, text: string): Promise<unknown> {
    // `disable` has a reason too, and does not send it.
    return this.#running.ask("neighbor", addresses.node, "shutdown", "--reason", text);
  }

  bringUp(): Promise<unknown> {
    return Promise.resolve(); // it comes back by itself
  }

  logged(pattern: RegExp, timeoutMs: number): Promise<unknown> {
    return this.#running.process.waitForLine(pattern, timeoutMs);
  }

  async #neighbor({ addresses }: Session): Promise<Neighbor> {
    return (await this.#running.json("neighbor", addresses.node)) as Neighbor;
  }

  get #running(): GoBgp {
    if (this.#gobgp === undefined) throw new Error("GoBGP was not started");
    return this.#gobgp;
  }
}

interface Neighbor {
  readonly state?: { readonly session_state?: number };
  readonly afi_safis?: readonly { readonly state?: { readonly accepted?: number } }[];
}

const ESTABLISHED = 6;

const HEAD = `[global.config]
  as = ${ASN.router}
  router-id = "10.90.0.2"
[global.apply-policy.config]
  export-policy-list = ["own"]
  default-export-policy = "reject-route"
[[policy-definitions]]
  name = "own"
  [[policy-definitions.statements]]
    name = "own"
    [policy-definitions.statements.conditions.bgp-conditions]
      route-type = "local"
    [policy-definitions.statements.actions]
      route-disposition = "accept-route"
`;

function neighborOf(session: Session): string {
  const { addresses, asn, dials, families, gracefulRestart = false } = session;
  const { multihop, password, ttlSecurity } = session;
  const family = (name: string) => `  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${name}-unicast"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = ${gracefulRestart}
`;
  return `[[neighbors]]
  [neighbors.config]
    neighbor-address = "${addresses.node}"
    peer-as = ${asn.node}
    ${password === undefined ? "" : `auth-password = "${password}"`}
  [neighbors.transport.config]
    passive-mode = ${dials === "node"}
    local-address = "${addresses.router}"
  [neighbors.timers.config]
    hold-time = 30
    keepalive-interval = 10
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.ebgp-multihop.config]
    enabled = ${multihop === true}
    multihop-ttl = 2
  [neighbors.ttl-security.config]
    enabled = ${ttlSecurity === true}
    ttl-min = 255
  [neighbors.graceful-restart.config]
    enabled = ${gracefulRestart}
    notification-enabled = ${gracefulRestart}
    restart-time = 20
${families.map(family).join("")}`;
}

// What is expected of each router, and by what its own ways differ, is in bgp-router-tests.ts.
routerTests("GoBGP", "gobgpd", new GoBgpRouter());
