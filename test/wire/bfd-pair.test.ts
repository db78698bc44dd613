import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { BfdAgent } from "./bfd-agent.ts";
import { type BfdLab, FAR, ipv4, ipv6, makeLab, session } from "./bfd-lab.ts";

suite("BFD with itself", ["netns"], () => {
  let net: BfdLab;
  let near: BfdAgent;
  let other: BfdAgent;

  beforeAll(async () => {
    net = await makeLab(2);
  });
  afterAll(() => net.lab.close());
  beforeEach(async () => {
    near = await BfdAgent.start(net.lab, net.node);
    other = await BfdAgent.start(net.lab, net.router);
  });
  afterEach(async () => {
    await Promise.all([near.process.stop(), other.process.stop()]);
  });

  it.each([
    ["IPv4", ipv4(0)],
    ["IPv6", ipv6(0)],
  ])("does not hear a neighbour of time to live 254 over %s", async (_, { node, router }) => {
    await near.open(session({ node, router }));
    await other.open(session({ node: router, router: node }));
    await near.event(router, "up");
    await other.sendWithTtl(node, 254);
    const { value } = await near.event(router, "down");
    expect(value).toEqual({ reason: "detectionTimeExpired", isFailure: true });
    // The other hears us, and answers; nothing of it arrives.
    const before = await near.report(router);
    const { counters } = await other.report(node);
    await other.reports(node, ({ counters: { controlReceived, controlSent } }) => {
      const { controlReceived: received, controlSent: sent } = counters;
      return controlReceived > received + 1 && controlSent > sent + 1;
    });
    const after = await near.report(router);
    expect(after.counters.controlReceived).toBe(before.counters.controlReceived);
    expect({ state: after.state, discarded: after.counters.discarded }).toEqual({
      state: "down",
      discarded: {},
    });
    expect(await near.discarded()).toEqual({});
    await other.sendWithTtl(node, 255);
    await near.event(router, "up", 2);
  });

  it("refuses what crossed more hops than it is told to", async () => {
    const { node } = ipv4(0);
    const far = await BfdAgent.start(net.lab, net.far);
    const hops = { multihop: true, minTtl: 254 };
    await near.open({ ...session({ node, router: FAR }), ...hops });
    await far.open({ ...session({ node: FAR, router: node }), ...hops });
    await near.event(FAR, "up");
    await far.sendWithTtl(node, 254);
    const { value } = await near.event(FAR, "down");
    expect(value).toEqual({ reason: "detectionTimeExpired", isFailure: true });
    await far.process.stop();
  });

  it("ends by itself when it is closed, and tells the other that this is no failure", async () => {
    const { node, router } = ipv4(0);
    await near.open(session({ node, router }));
    await other.open(session({ node: router, router: node }));
    await other.event(node, "up");
    near.process.kill("SIGTERM");
    expect(await near.process.exited).toEqual({ code: 0, signal: null });
    const { value } = await other.event(node, "down");
    expect(value).toEqual({ reason: "neighborAdminDown", isFailure: false });
  });
});
