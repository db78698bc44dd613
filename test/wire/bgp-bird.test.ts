import { Bird } from "@ingot/testkit";
import type { BgpLab } from "./bgp-lab.ts";
import { FROM_ROUTER, type Router, type RouterTraits } from "./bgp-router.ts";
import { routerTests } from "./bgp-router-tests.ts";
import type { Session } from "./bgp-sessions.ts";

class BirdRouter implements Router {
  readonly traits: RouterTraits = {
    communities: [
      /\(65001,100\)/,
      // It has no name for a link's bandwidth, nor for attribute 25.
      /\(rt, 65001, 200\) \(unknown 0x4004, 65001, 1262402592\)/,
      /BGP\.19 \[t\]: 00 02 20 01 0d b8( 00){11} 01 00 07/,
      /\(65001, 1, 2\)/,
    ],
    gracefulShutdown: /\(65535,0\)/,
    holdExpired: /to_restarting: .*Hold timer expired/,
    hardReset: false,
    // With AS numbers of two octets it has no session with a neighbor that has a larger one.
    lacks: ["narrow_asn"],
    keepsRoutes: true,
    refreshes: "both",
    collides: true,
    extendedMessages: true,
  };
  #bird: Bird | undefined;

  async start(lab: BgpLab, sessions: readonly Session[]): Promise<void> {
    const config = HEAD + sessions.map(protocolOf).join("");
    this.#bird = await Bird.start(lab.router, { directory: lab.directory, name: "bird", config });
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#running.process.kill(signal);
  }

  kill(): Promise<void> {
    return this.#running.stop("SIGKILL");
  }

  established(session: Session): Promise<boolean> {
    return this.#running.established(nameOf(session));
  }

  async route(session: Session, prefix: string): Promise<string | undefined> {
    // That there is no such route is an error.
    const routes = await this.#running.ask(`show route all protocol ${nameOf(session)}`);
    const paragraphs = routes.split(/\n(?=\S)/);
    return paragraphs.find((paragraph) => paragraph.startsWith(`${prefix} `));
  }

  count(session: Session): Promise<number> {
    return this.#running.imported(nameOf(session));
  }

  askRefresh(session: Session): Promise<unknown> {
    return this.#running.ask(`reload in ${nameOf(session)}`);
  }

  shutDown(session: Session, text: string): Promise<unknown> {
    return this.#running.ask(`disable ${nameOf(session)} "${text}"`);
  }

  bringUp(session: Session): Promise<unknown> {
    return this.#running.ask(`enable ${nameOf(session)}`);
  }

  logged(pattern: RegExp, timeoutMs: number): Promise<unknown> {
    return this.#running.process.waitForLine(pattern, timeoutMs);
  }

  get #running(): Bird {
    if (this.#bird === undefined) throw new Error("BIRD was not started");
    return this.#bird;
  }
}

const HEAD = `log stderr all;
router id 10.90.0.2;
protocol device {}
protocol static { ipv4; route ${FROM_ROUTER.ipv4} blackhole; }
protocol static { ipv6; route ${FROM_ROUTER.ipv6} blackhole; }
`;

function protocolOf(session: Session): string {
  const { addresses, asn, dials, families } = session;
  const { extendedNextHop, gracefulRestart, multihop, password, ttlSecurity } = session;
  const channel = (family: string) =>
    `  ${family} { import all; export where source = RTS_STATIC; next hop self;${
      extendedNextHop ? " extended next hop;" : ""
    } };\n`;
  return `protocol bgp ${nameOf(session)} {
  local ${addresses.router} as ${asn.router};
  neighbor ${addresses.node} as ${asn.node};
  ${dials === "node" ? "passive;" : ""} ${multihop ? "multihop 2;" : ""}
  ${password === undefined ? "" : `password "${password}";`}
  ${ttlSecurity ? "ttl security on;" : ""}
  graceful restart ${gracefulRestart ? "on" : "off"};
  enable extended messages on; hold time 30; connect delay time 1; connect retry time 1; error wait time 1,1;
${families.map(channel).join("")}}
`;
}

/** Some names are words of its language. */
function nameOf({ name }: Session): string {
  return `to_${name}`;
}

// What is expected of each router, and by what its own ways differ, is in bgp-router-tests.ts.
routerTests("BIRD", "bird", new BirdRouter());
