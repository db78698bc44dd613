import { type Need, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import type { BgpAgent } from "./bgp-agent.ts";
import { BgpLab, IPV4, kernelCounter } from "./bgp-lab.ts";
import { restartTests } from "./bgp-restart-tests.ts";
import { FROM_ROUTER, type Router, routeAt } from "./bgp-router.ts";
import {
  COLLIDING,
  COMING_UP,
  LOW_TTL,
  MULTIHOP,
  peerOptions,
  SESSIONS,
  type Session,
  WRONG_KEY,
} from "./bgp-sessions.ts";

/** The routes that we announce over all sessions. */
const OURS = { ipv4: "192.0.2.1/32", ipv6: "2001:db8:1::1/128" } as const;

/** A second, which the routers are to dial every, and a little more. */
const LONGEST_RETRY_MS = 1_200;

/** Declares what has to be true of sessions with any router. */
export function routerTests(name: string, need: Need, router: Router): void {
  const { lacks = [] } = router.traits;
  const isCapable = (session: Session) => !lacks.includes(session.name);
  const comingUp = COMING_UP.filter(isCapable);
  suite(`BGP with ${name}`, ["netns", need], () => {
    let lab: BgpLab;
    let agent: BgpAgent;
    let farAgent: BgpAgent;

    beforeAll(async () => {
      lab = await BgpLab.create();
      [agent, farAgent] = await Promise.all([
        lab.agent(lab.node),
        lab.agent(lab.far, { routerId: "10.91.0.2" }),
        router.start(lab, SESSIONS.filter(isCapable)),
      ]);
      for (const session of [...comingUp, WRONG_KEY, LOW_TTL]) await add(agent, session);
      await farAgent.peer({ ...peerOptions(MULTIHOP), ttl: 2 });
      await agent.announce(OURS.ipv4, {
        communities: [65_001 * 65_536 + 100],
        // A target, and how much the link carries: 100 Mbit/s.
        extendedCommunities: ["0002fde9000000c8", "4004fde94b3ebc20"],
        ipv6ExtendedCommunities: ["000220010db80000000000000000000000010007"],
        largeCommunities: [{ globalAdministrator: 65_001, localData1: 1, localData2: 2 }],
      });
      await agent.announce(OURS.ipv6, { nextHop: "::" });
    });
    afterAll(() => lab.close());

    it.each(comingUp)("comes up and carries routes both ways: $name", async (session) => {
      await carriesRoutes(router, agent, session);
    });

    it("tells the next hops that a session asks for", async () => {
      expect(await routeAt(router, named("dialled"), OURS.ipv4)).toContain("10.90.0.1");
      const other = named("next_hop");
      if (!isCapable(other)) return;
      expect(await routeAt(router, other, OURS.ipv4)).toContain(other.addresses.node);
    });

    it("takes several hops when the TTL is large enough", async () => {
      await farAgent.established(MULTIHOP.addresses.router);
      await farAgent.announce("192.0.2.9/32");
      await routeAt(router, MULTIHOP, "192.0.2.9/32");
    });

    it("has no session with a router that signs with another key", async () => {
      // Each drops what the other dials with.
      for (const host of [lab.node, lab.router]) {
        const drops = () => kernelCounter(host, "TcpExtTCPMD5Failure");
        await until(drops, { timeoutMs: 10_000, what: `drops by ${host.name}` });
      }
      expect((await agent.report(WRONG_KEY.addresses.router)).counters.established).toBe(0);
    });

    it("has no session with a router that may be further away than asked for", async () => {
      const drops = () => kernelCounter(lab.node, "TcpExtTCPMinTTLDrop");
      await until(async () => (await drops()) >= 2, { timeoutMs: 10_000, what: "drops" });
      expect((await agent.report(LOW_TTL.addresses.router)).counters.established).toBe(0);
    });

    it("carries communities of every kind", async () => {
      const route = await routeAt(router, named("dialled"), OURS.ipv4);
      for (const community of router.traits.communities) expect(route).toMatch(community);
    });

    it("changes and withdraws routes", async () => {
      const session = named("dialled");
      await agent.announce("192.0.2.2/32");
      await routeAt(router, session, "192.0.2.2/32", (route) => !route.includes("4321"));
      await agent.announce("192.0.2.2/32", { multiExitDisc: 4321 });
      await routeAt(router, session, "192.0.2.2/32", (route) => route.includes("4321"));
      await agent.withdraw("192.0.2.2/32");
      const gone = async () => (await router.route(session, "192.0.2.2/32")) === undefined;
      await until(gone, { timeoutMs: 10_000, what: "the route to go" });
    });

    it("announces that routes will go", async () => {
      const { gracefulShutdown } = router.traits;
      await agent.gracefulShutdown(true);
      const session = named("dialled");
      await routeAt(router, session, OURS.ipv4, (route) => gracefulShutdown.test(route));
      await agent.gracefulShutdown(false);
      await routeAt(router, session, OURS.ipv4, (route) => !gracefulShutdown.test(route));
    });

    it("refreshes routes on request of either side", async () => {
      const { refreshes } = router.traits;
      const { addresses } = named("dialled");
      const counters = async () => (await agent.report(addresses.router)).counters;
      const { counters: before } = await agent.established(addresses.router);
      if (refreshes !== "asks") {
        await agent.requestRefresh(addresses.router, IPV4);
        const toldUs = async () => (await counters()).announced > before.announced;
        await until(toldUs, { timeoutMs: 10_000, what: "the router to announce again" });
      }
      if (refreshes !== "answers") {
        await router.askRefresh(named("dialled"));
        const told = before.sent?.announced ?? Number.NaN;
        const toldRouter = async () => ((await counters()).sent?.announced ?? 0) > told;
        await until(toldRouter, { timeoutMs: 10_000, what: "us to announce again" });
      }
      expect((await counters()).established).toBe(1);
    });

    it("says why it stops, and hears why the router does", async () => {
      const session = named("both_families");
      const { router: address } = session.addresses;
      const { endedWithoutText } = router.traits;
      await agent.stopPeer(address, endedWithoutText ? {} : { text: "node drained" });
      await router.logged(endedWithoutText ?? /node drained/, 10_000);
      await agent.startPeer(address);
      await agent.established(address, 2);
      const { shutdownText = "rack moves" } = router.traits;
      await router.shutDown(session, shutdownText);
      const text = Buffer.from(shutdownText).toString("hex");
      const reason = await agent.ended("down", address, ({ notification }) => {
        return notification?.data.includes(text) === true;
      });
      expect(reason).toMatchObject({ type: "notification-received", notification: { code: 6 } });
      await router.bringUp(session);
      await agent.established(address, 3, 15_000);
    });

    it("keeps one connection of two when both dial at once", async () => {
      // Frozen, a router has connections of ours when it wakes, and its own dials are overdue.
      router.signal("SIGSTOP");
      await Promise.all(COLLIDING.map((session) => add(agent, session)));
      await new Promise((resolve) => setTimeout(resolve, LONGEST_RETRY_MS));
      router.signal("SIGCONT");
      for (const session of COLLIDING) {
        const { addresses } = session;
        await agent.established(addresses.router, 1, 20_000);
        if (router.traits.collides) await agent.ended("failed", addresses.router);
        const args = ["-Htn", "state", "established", "src", addresses.node];
        const isAlone = async () => {
          const { stdout } = await lab.node.exec("ss", args);
          return stdout.trim().split("\n").length === 1 && (await router.established(session));
        };
        await until(isAlone, { timeoutMs: 10_000, what: `one connection of ${session.name}` });
        await carriesRoutes(router, agent, session);
        // FRR sometimes ends the connection that it has just chosen, once.
        const { counters } = await agent.report(addresses.router);
        expect(counters.established).toBeLessThanOrEqual(2);
      }
    });

    restartTests(router, () => lab);
  });
}

async function add(agent: BgpAgent, session: Session): Promise<void> {
  const options = peerOptions(session);
  const { localAddress = "" } = options;
  await agent.peer(options);
  const { minTtl, ttl } = session.ours;
  if (session.dials === "node") return;
  await agent.listen({
    ...{ localAddress, port: 179 },
    ...(minTtl !== undefined && { minTtl }),
    ...(ttl !== undefined && { ttl }),
  });
}

async function carriesRoutes(router: Router, agent: BgpAgent, session: Session): Promise<void> {
  const { addresses, families } = session;
  const { negotiated } = await agent.established(addresses.router, 1, 20_000);
  const fourOctetAs = session.twoOctetAs !== true;
  const { holdTimeS = 30 } = session.ours;
  const extendedMessage = router.traits.extendedMessages;
  const peerAsn = session.asn.router;
  expect(negotiated).toMatchObject({ fourOctetAs, holdTimeS, extendedMessage, peerAsn });
  expect(negotiated?.families).toHaveLength(families.length);
  await until(() => router.established(session), {
    timeoutMs: 5_000,
    what: `the router's side of ${session.name}`,
  });
  for (const family of families) {
    await routeAt(router, session, OURS[family]);
    const prefix = FROM_ROUTER[family];
    const isHere = async () => {
      const { routes } = await agent.report(addresses.router);
      return routes.some((route) => route.prefix === prefix);
    };
    await until(isHere, { timeoutMs: 10_000, what: `${prefix} over ${session.name}` });
  }
}

function named(name: string): Session {
  const session = COMING_UP.find((candidate) => candidate.name === name);
  if (session === undefined) throw new Error(`no session ${name}`);
  return session;
}
