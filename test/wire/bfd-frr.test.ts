import { Frr, until } from "@ingot/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { BfdAgent } from "./bfd-agent.ts";
import {
  type BfdLab,
  FAR,
  ipv4,
  ipv6,
  lateness,
  makeLab,
  type Pair,
  pairs,
  session,
} from "./bfd-lab.ts";

suite("BFD with FRR", ["netns", "frr", "tcpdump"], () => {
  let net: BfdLab;
  let agent: BfdAgent;
  let frr: Frr;

  beforeAll(async () => {
    net = await makeLab(12);
    console.log("FRR's bfdd has no authentication: that is tried with BIRD only");
  });
  afterAll(() => net.lab.close());
  beforeEach(async () => {
    agent = await BfdAgent.start(net.lab, net.node);
    const { directory } = net.lab;
    frr = await Frr.start(net.router, { directory, name: "frr", config: "", daemons: ["bfdd"] });
  });
  afterEach(async () => {
    await agent.process.stop();
    await frr.stop("SIGKILL");
  });

  /** Waits until FRR shows a session like this, and returns all that it shows. */
  const shown = (
    address: string,
    wanted: Readonly<Record<string, unknown>>,
    router = frr,
  ): Promise<object> =>
    until(
      async () => {
        const peers = (await router.json("show bfd peers")) as readonly { peer: string }[];
        const peer = peers.find((candidate) => candidate.peer === address);
        expect(peer).toMatchObject(wanted);
        return peer;
      },
      { timeoutMs: 10_000, what: `FRR to show ${address} as ${JSON.stringify(wanted)}` },
    );

  it.each([
    ["IPv4", ipv4(0)],
    ["IPv6", ipv6(0)],
  ])("comes up over %s, and changes its timing by poll from either side", async (_, pair) => {
    const { node, router } = pair;
    await frr.configure(peer(pair, FAST));
    await agent.open(session(pair));
    await agent.event(router, "up");
    await shown(node, { status: "up", "remote-receive-interval": 100 });
    await agent.reports(router, ({ detectionMs }) => detectionMs === 300);
    const slower = { transmitIntervalMs: 150, receiveIntervalMs: 200, detectMultiplier: 5 };
    await agent.configure(router, slower);
    await shown(node, {
      "remote-receive-interval": 200,
      "remote-transmit-interval": 150,
      "remote-detect-multiplier": 5,
    });
    await frr.configure(peer(pair, ["receive-interval 250", "transmit-interval 300"]));
    await agent.reports(router, ({ detectionMs, transmitIntervalMs }) => {
      return detectionMs === 900 && transmitIntervalMs === 250;
    });
    await shown(node, { status: "up", diagnostic: "ok" });
    expect((await agent.report(router)).counters).toMatchObject({ ups: 1, downs: 0 });
  });

  it("waits for the other when it is passive, and comes up with one that waits", async () => {
    const [ours, theirs] = [ipv4(0), ipv4(1)];
    await agent.open({ ...session(ours), passive: true });
    expect((await agent.report(ours.router)).counters.controlSent).toBe(0);
    await frr.configure(peer(ours, FAST));
    await frr.configure(peer(theirs, [...FAST, "passive-mode"]));
    await agent.open(session(theirs));
    await agent.event(ours.router, "up");
    await agent.event(theirs.router, "up");
  });

  it("takes being switched off for no failure, at either end", async () => {
    const pair = ipv4(0);
    const { node, router } = pair;
    await frr.configure(peer(pair, FAST));
    await agent.open(session(pair));
    await agent.event(router, "up");
    await agent.disable(router);
    await shown(node, { status: "down", "remote-diagnostic": "administratively down" });
    await agent.enable(router);
    await agent.event(router, "up", 2);
    await frr.configure(peer(pair, ["shutdown"]));
    const { value } = await agent.event(router, "down", 2);
    expect(value).toEqual({ reason: "neighborAdminDown", isFailure: false });
    await frr.configure(peer(pair, ["no shutdown"]));
    await agent.event(router, "up", 3);
    await shown(node, { status: "up" });
  });

  it("sends echo packets that FRR returns, and returns those of FRR", async () => {
    const pair = ipv4(0);
    const { node, router } = pair;
    const echo = ["echo-mode", "echo transmit-interval 50", "echo receive-interval 50"];
    await frr.configure(peer(pair, [...FAST, ...echo]));
    await agent.open({ ...session(pair), echo: true });
    await agent.event(router, "up");
    const report = await agent.reports(router, ({ counters }) => counters.echoReceived > 20);
    // Control packets come once a second meanwhile.
    expect(report).toMatchObject({ isEchoActive: true, detectionMs: 3_000 });
    expect(report.counters).toMatchObject({ ups: 1, downs: 0 });
    const counted = (await frr.json("show bfd peers counters")) as readonly object[];
    expect(counted).toHaveLength(1);
    expect(counted[0]).toMatchObject({ peer: node, "session-down": 0 });
    const returned = (counted[0] as { "echo-packet-input": number })["echo-packet-input"];
    expect(returned).toBeGreaterThan(20);
    // Its BFD is alive and well, but what has to be forwarded gets lost.
    await net.router.sysctl("net.ipv4.ip_forward", 0);
    const { value } = await agent.event(router, "down");
    expect(value).toEqual({ reason: "echoFailed", isFailure: true });
    await net.router.sysctl("net.ipv4.ip_forward", 1);
  });

  it("crosses several hops", async () => {
    const pair = { node: ipv4(0).node, router: FAR };
    const { directory } = net.lab;
    const options = { directory, name: "far", config: "", daemons: ["bfdd"] } as const;
    const far = await Frr.start(net.far, options);
    const lines = [...FAST, "minimum-ttl 254"];
    await far.configure(`bfd
 peer ${pair.node} multihop local-address ${pair.router}
${lines.map((line) => `  ${line}`).join("\n")}
`);
    await agent.open({ ...session(pair), multihop: true });
    await agent.event(FAR, "up");
    await shown(pair.node, { status: "up", multihop: true, "minimum-ttl": 254 }, far);
    await agent.sendWithTtl(FAR, 254);
    // That is 253 where it arrives: FRR hears nothing more, and says so.
    const { value } = await agent.event(FAR, "down");
    expect(value).toEqual({ reason: "neighborDown", isFailure: true });
    await far.stop("SIGKILL");
  });

  it("is told of within 10 ms of the detection time when FRR is killed", RETRIED, async () => {
    const some = pairs(12);
    for (const pair of some) {
      await frr.configure(peer(pair, FAST));
      await agent.open(session(pair));
    }
    const routers = some.map(({ router }) => router);
    await Promise.all(routers.map((router) => agent.event(router, "up")));
    const late = await lateness(agent, { ns: net.node, routers }, async () => {
      await frr.processes.get("bfdd")?.stop("SIGKILL");
    });
    expect(late.at(0)).toBeGreaterThan(0);
    expect(late.at(late.length >> 1)).toBeLessThan(10);
  });
});

/** A machine that is busy with something else gets another try. */
const RETRIED = { retry: 2 };
const FAST = ["receive-interval 100", "transmit-interval 100", "detect-multiplier 3"];

/** FRR's configuration of a session; it adds to what there is. */
function peer({ node, router }: Pair, lines: readonly string[]): string {
  return `bfd
 peer ${node} local-address ${router} interface eth0
${lines.map((line) => `  ${line}`).join("\n")}
`;
}
