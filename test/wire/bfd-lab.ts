import { Lab, type LabNamespace, until } from "@ingot/testkit";
import type { AgentSession, BfdAgent } from "./bfd-agent.ts";

/** A packet each 100 ms, of which three in a row may be lost. */
export const FAST = { transmitIntervalMs: 100, receiveIntervalMs: 100 } as const;
/** Silence for so long is a failure then. */
export const DETECTION_MS = 300;
/** Of `far`: two hops from `node`. */
export const FAR = "10.93.0.2";

/** The two ends of a session. */
export interface Pair {
  readonly node: string;
  readonly router: string;
}

/** Two hosts with a cable between them, and a third that only `router` has a cable to. */
export interface BfdLab {
  readonly lab: Lab;
  readonly node: LabNamespace;
  readonly router: LabNamespace;
  readonly far: LabNamespace;
}

/** Makes the hosts; the first two have the addresses of so many sessions. */
export async function makeLab(sessions: number): Promise<BfdLab> {
  const lab = await Lab.create();
  const node = await lab.namespace("node");
  const router = await lab.namespace("router");
  const far = await lab.namespace("far");
  for (const host of [node, router]) await host.sysctl("net.ipv6.conf.default.accept_dad", 0);
  // The neighbour's echo packets are forwarded, as nodes of a cluster do it for their Pods.
  for (const host of [node, router]) await host.sysctl("net.ipv4.ip_forward", 1);
  const of = (side: keyof Pair) =>
    pairs(sessions).map((pair) => `${pair[side]}/${pair[side].includes(":") ? 64 : 24}`);
  await lab.link(
    { ns: node, name: "eth0", addresses: of("node") },
    { ns: router, name: "eth0", addresses: of("router") },
  );
  await lab.link(
    { ns: router, name: "eth1", addresses: ["10.93.0.1/24"] },
    { ns: far, name: "eth0", addresses: [`${FAR}/24`] },
  );
  await node.addRoute("10.93.0.0/24", { via: ipv4(0).router });
  await far.addRoute("10.92.0.0/16", { via: "10.93.0.1" });
  return { lab, node, router, far };
}

/** The addresses of so many sessions, IPv4 and IPv6 in turn. */
export function pairs(count: number): readonly Pair[] {
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? ipv4 : ipv6)(Math.floor(i / 2)));
}

/** The addresses of a session over IPv4. */
export function ipv4(number: number): Pair {
  return { node: `10.92.${number}.1`, router: `10.92.${number}.2` };
}

/** The addresses of a session over IPv6. */
export function ipv6(number: number): Pair {
  return { node: `2001:db8:92:${number + 1}::1`, router: `2001:db8:92:${number + 1}::2` };
}

/** A session of `node` with `router`. */
export function session({ node, router }: Pair): AgentSession {
  return { localAddress: node, remoteAddress: router, ...FAST };
}

/**
 * Kills the routers of these sessions, and returns how many ms each session took to go down after its
 * last packet had come in and the detection time was over, in ascending order. The packets are those
 * that tcpdump sees, which owe nothing to our own reading of them.
 */
export async function lateness(
  agent: BfdAgent,
  { ns, routers }: { readonly ns: LabNamespace; readonly routers: readonly string[] },
  kill: () => Promise<void>,
): Promise<readonly number[]> {
  const last = new Map<string, number>();
  const args = ["-lnn", "-tt", "--immediate-mode", "-i", "eth0", "udp port 3784"];
  const dump = ns.spawn("tcpdump", args, {
    onLine: (line) => {
      const [, seconds, source] = /^(\d+\.\d+) IP6? (\S+)\.\d+ > /.exec(line) ?? [];
      if (source !== undefined) last.set(source, Number(seconds) * 1_000);
    },
  });
  await dump.waitForLine(/listening on/, 10_000);
  await until(() => routers.every((router) => last.has(router)), {
    timeoutMs: 5_000,
    what: "a packet of every router",
  });
  await kill();
  // Nobody looks before they are over: looking takes the processor, too.
  await new Promise((resolve) => setTimeout(resolve, 2 * DETECTION_MS));
  await dump.stop();
  const late: number[] = [];
  for (const router of routers) {
    const { at, value } = await agent.event(router, "down");
    if (value?.reason !== "detectionTimeExpired") throw new Error(`${router}: ${value?.reason}`);
    late.push(at - (last.get(router) ?? Number.NaN) - DETECTION_MS);
  }
  late.sort((a, b) => a - b);
  const [least, middle, most] = [0, late.length >> 1, -1].map((i) => late.at(i)?.toFixed(1));
  console.log(`down ${least} to ${most} ms after the detection time, ${middle} on the median`);
  return late;
}
