import { expect, it } from "vitest";
import type { BgpAgent } from "./bgp-agent.ts";
import { type BgpLab, manyPrefixes } from "./bgp-lab.ts";
import { countAt, type Router, routeAt } from "./bgp-router.ts";
import { peerOptions, RESTARTING } from "./bgp-sessions.ts";

/**
 * Declares what has to be true when one of the two ends goes away and comes back. Each test leaves a
 * session and the two routes of `start` behind.
 */
export function restartTests(router: Router, lab: () => BgpLab): void {
  const address = RESTARTING.addresses.router;
  const { hardReset, holdExpired, keepsRoutes } = router.traits;
  let agent: BgpAgent;
  let sessions: number;

  const start = async (restarting: boolean): Promise<void> => {
    agent = await lab().agent(lab().node, { routerId: "10.90.0.3", restarting });
    sessions = 0;
    await agent.announce("192.0.2.1/32");
    await agent.announce("2001:db8:1::1/128", { nextHop: "::" });
    await agent.peer(peerOptions(RESTARTING));
    await nextSession();
  };
  const nextSession = async (): Promise<void> => {
    sessions += 1;
    await agent.established(address, sessions, 20_000);
  };

  it("announces and withdraws 10,000 prefixes", async () => {
    await start(false);
    await agent.routesComplete();
    await countAt(router, RESTARTING, 2);
    const prefixes = manyPrefixes(10_000);
    await agent.announceMany(prefixes);
    await countAt(router, RESTARTING, 10_002);
    await agent.withdrawMany(prefixes);
    await countAt(router, RESTARTING, 2);
  });

  if (keepsRoutes) {
    it("keeps its routes when it is killed, and loses those that it does not bring back", async () => {
      await agent.announce("192.0.2.2/32");
      await countAt(router, RESTARTING, 3);
      await agent.kill();
      await start(true);
      expect(await router.count(RESTARTING)).toBe(3);
      await agent.routesComplete();
      await countAt(router, RESTARTING, 2);
      await routeAt(router, RESTARTING, "192.0.2.1/32");
    });

    it("leaves its routes when it stops for a moment", async () => {
      await agent.stopPeer(address, { graceful: true });
      const reason = await agent.ended("down", address);
      // Where a NOTIFICATION would take the routes away, there is none.
      expect(reason.type).toBe(hardReset ? "notification-sent" : "closed");
      expect(await router.count(RESTARTING)).toBe(2);
      await agent.startPeer(address);
      await nextSession();
      expect(await router.count(RESTARTING)).toBe(2);
    });
  } else {
    it("comes back when it was killed", async () => {
      await agent.kill();
      await countAt(router, RESTARTING, 0);
      await start(true);
      await agent.routesComplete();
      await countAt(router, RESTARTING, 2);
    });
  }

  it("takes its routes along when it stops for good", async () => {
    await agent.stopPeer(address, { text: "gone for good" });
    const subcode = hardReset ? 9 : 2;
    await agent.ended("down", address, ({ notification }) => notification?.subcode === subcode);
    await countAt(router, RESTARTING, 0);
    await agent.startPeer(address);
    await nextSession();
    await countAt(router, RESTARTING, 2);
  });

  it("is missed when it freezes", async () => {
    agent.process.kill("SIGSTOP");
    await router.logged(holdExpired, 10_000);
    agent.process.kill("SIGCONT");
    await agent.ended("down", address, ({ notification }) => notification?.code === 4);
    await nextSession();
  });

  it("misses a router that freezes, and finds it again", async () => {
    router.signal("SIGSTOP");
    const expired = await agent.ended("down", address, ({ type, notification }) => {
      return type === "notification-sent" && notification?.code === 4;
    });
    expect(expired).toMatchObject({ notification: { code: 4, subcode: 0, data: "" } });
    router.signal("SIGCONT");
    await nextSession();
  });

  it("comes back with a router that was killed", async () => {
    await router.kill();
    await agent.ended("down", address, ({ type }) => type === "connection-failed");
    await router.start(lab(), [RESTARTING]);
    await nextSession();
    await countAt(router, RESTARTING, 2);
  });
}
