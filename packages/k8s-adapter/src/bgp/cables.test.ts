import { describe, expect, it } from "vitest";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { Cables, type LinkView, linkLocalOf, type WatchedLinks } from "./cables.ts";

// That routers are found at all is shown with real ones: test/wire/bgp-unnumbered-speaker.test.ts.

const links = (
  ...addresses: readonly [index: number, address: string, tentative?: boolean][]
): LinkView => ({
  linkNamed: (name) => (name === "eth0" ? { index: 2 } : undefined),
  addresses: addresses.map(([index, address, tentative = false]) => ({
    index,
    address,
    tentative,
  })),
});

const openSocket = () => {
  throw new Error("no socket is needed");
};

describe("the link-local address of an interface", () => {
  it("is that of the interface of the name, once it is no longer tentative", () => {
    expect(linkLocalOf(links([3, "fe80::3"], [2, "2001:db8::1"], [2, "fe80::2"]), "eth0")).toBe(
      "fe80::2",
    );
    expect(linkLocalOf(links([2, "fe80::2", true]), "eth0")).toBe("");
    expect(linkLocalOf(links([2, "fe80::2"]), "eth1")).toBe("");
  });
});

describe("the search for routers", () => {
  it("opens one view of the links for all, and closes it when nobody searches", async () => {
    let opened = 0;
    let closed = 0;
    const monitor: WatchedLinks = {
      ...links(),
      on: () => {},
      off: () => {},
      close: () => {
        closed += 1;
      },
    };
    const logger = new KeepingLogger();
    const cables = new Cables({
      openLinks: async () => {
        opened += 1;
        return monitor;
      },
      openSocket,
      clock: { now: () => 0, setTimer: () => () => {} },
      logger,
    });
    const ends = [cables.find("eth0", () => {}), cables.find("eth1", () => {})];
    await Promise.resolve();
    expect(logger.lines).toHaveLength(2);
    for (const end of [...ends, ...ends]) end();
    await Promise.resolve();
    expect([opened, closed]).toEqual([1, 1]);
  });

  it("says that it cannot search, and goes on", async () => {
    const logger = new KeepingLogger();
    const openLinks = () => Promise.reject(new Error("no netlink"));
    const clock = { now: () => 0, setTimer: () => () => {} };
    const end = new Cables({ openLinks, openSocket, clock, logger }).find("eth0", () => {});
    await Promise.resolve();
    await Promise.resolve();
    expect(logger.lines[0]).toMatch(/no router can be found.*no netlink/);
    end();
  });
});
