import { Lab, type LabNamespace } from "@ingot/testkit";
import { type AgentOptions, BgpAgent } from "./bgp-agent.ts";

/** AS numbers of the two hosts: one that fits two octets, and one that does not. */
export const ASN = { node: 65_001, router: 4_200_000_002 } as const;

/** IPv4 and IPv6 unicast. */
export const IPV4 = { afi: 1, safi: 1 } as const;
export const IPV6 = { afi: 2, safi: 1 } as const;

/** What a speaker of two-octet AS numbers takes larger ones for. @see RFC 6793 section 9 */
export const AS_TRANS = 23_456;

/** What the two ends of a session have, each for itself. */
export interface Pair<T = string> {
  readonly node: T;
  readonly router: T;
}

/**
 * Two hosts, `node` and `router`, with a cable between them on which every session has a network of
 * its own; and a third, `far`, behind `node`.
 */
export class BgpLab {
  readonly lab: Lab;
  readonly node: LabNamespace;
  readonly router: LabNamespace;
  readonly far: LabNamespace;

  private constructor(lab: Lab, hosts: readonly LabNamespace[]) {
    const [node, router, far] = hosts;
    if (!node || !router || !far) throw new Error("no namespaces");
    this.lab = lab;
    this.node = node;
    this.router = router;
    this.far = far;
  }

  static async create(sessions = 22): Promise<BgpLab> {
    const lab = await Lab.create();
    const hosts = await Promise.all(["node", "router", "far"].map((name) => lab.namespace(name)));
    for (const host of hosts) {
      await host.sysctl("net.ipv6.conf.default.accept_dad", 0);
      await host.sysctl("net.ipv4.ip_forward", 1);
    }
    const made = new BgpLab(lab, hosts);
    const { node, router, far } = made;
    const numbers = Array.from({ length: sessions }, (_, number) => number);
    const of = (side: keyof Pair) =>
      numbers.flatMap((number) => [`${ipv4(number)[side]}/24`, `${ipv6(number)[side]}/64`]);
    await lab.link(
      { ns: node, name: "eth0", addresses: of("node") },
      { ns: router, name: "eth0", addresses: of("router") },
    );
    await lab.link(
      { ns: node, name: "eth1", addresses: ["10.91.0.1/24"] },
      { ns: far, name: "eth0", addresses: [`${FAR}/24`] },
    );
    await router.addRoute("10.91.0.0/24", { via: ipv4(0).node });
    await far.addRoute("10.90.0.0/16", { via: "10.91.0.1" });
    return made;
  }

  get directory(): string {
    return this.lab.directory;
  }

  /** A speaker. */
  agent(host: LabNamespace, options: Partial<AgentOptions> = {}): Promise<BgpAgent> {
    return BgpAgent.start(this.lab, host, { asn: ASN.node, routerId: "10.90.0.1", ...options });
  }

  close(): Promise<void> {
    return this.lab.close();
  }
}

/** Of `far`: two hops from `router`. */
export const FAR = "10.91.0.2";

/** The addresses of a session over IPv4. */
export function ipv4(session: number): Pair {
  return { node: `10.90.${session}.1`, router: `10.90.${session}.2` };
}

/** The addresses of a session over IPv6. */
export function ipv6(session: number): Pair {
  return { node: `2001:db8:90:${session + 1}::1`, router: `2001:db8:90:${session + 1}::2` };
}

/** A counter of a host's kernel, such as `TcpExtTCPMD5Failure`. */
export async function kernelCounter(host: LabNamespace, name: string): Promise<number> {
  const { stdout } = await host.exec("nstat", ["-asz", name]);
  return Number(new RegExp(`${name}\\s+(\\d+)`).exec(stdout)?.[1] ?? Number.NaN);
}

/** That many prefixes of /32, all different. */
export function manyPrefixes(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => {
    const [high, low] = [Math.floor(number / 256) % 256, number % 256];
    return `198.${18 + Math.floor(number / 65_536)}.${high}.${low}/32`;
  });
}
