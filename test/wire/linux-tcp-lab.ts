import { Lab, type LabNamespace } from "@ingot/testkit";
import { TcpAgent } from "./linux-tcp-agent.ts";

/** Of the hosts `a` and `b`. */
export const V4 = { a: "10.77.0.1", b: "10.77.0.2" } as const;
export const V6 = { a: "2001:db8:77::1", b: "2001:db8:77::2" } as const;
export const LINK_LOCAL = { a: "fe80::a", b: "fe80::b" } as const;

/** The hosts `a` and `b` with a cable between their eth0. */
export class TcpLab {
  readonly a: LabNamespace;
  readonly b: LabNamespace;
  readonly #lab: Lab;

  private constructor(lab: Lab, a: LabNamespace, b: LabNamespace) {
    this.#lab = lab;
    this.a = a;
    this.b = b;
  }

  static async create(): Promise<TcpLab> {
    const lab = await Lab.create();
    const a = await hostOf(lab, "a");
    const b = await hostOf(lab, "b");
    await cable(lab, a, "eth0", b);
    return new TcpLab(lab, a, b);
  }

  /** One more host at an interface of `a`, with the addresses that `b` has as well. */
  async neighbour(name: string, interfaceOfA: string): Promise<LabNamespace> {
    const host = await hostOf(this.#lab, name);
    await cable(this.#lab, this.a, interfaceOfA, host);
    return host;
  }

  /** An agent on a host, by way of another program if need be. */
  start(host: LabNamespace, by: readonly string[] = []): Promise<TcpAgent> {
    return TcpAgent.start(this.#lab, host, by);
  }

  close(): Promise<void> {
    return this.#lab.close();
  }
}

/** Its addresses serve at once, without duplicate address detection. */
async function hostOf(lab: Lab, name: string): Promise<LabNamespace> {
  const host = await lab.namespace(name);
  await host.sysctl("net.ipv6.conf.all.accept_dad", 0);
  await host.sysctl("net.ipv6.conf.default.accept_dad", 0);
  return host;
}

function cable(lab: Lab, a: LabNamespace, interfaceOfA: string, other: LabNamespace) {
  const addresses = (host: "a" | "b") => [
    `${V4[host]}/24`,
    `${V6[host]}/64`,
    `${LINK_LOCAL[host]}/64`,
  ];
  return lab.link(
    { ns: a, name: interfaceOfA, addresses: addresses("a") },
    { ns: other, name: "eth0", addresses: addresses("b") },
  );
}
