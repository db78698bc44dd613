import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import { routerAdvertisement } from "./frames.ts";
import { type RouterOptions, routerContent } from "./router-content.ts";
import { captured } from "./testing/captured.ts";

describe("router content", () => {
  it("says nothing by default", () => {
    expect(routerContent({ lifetimeSeconds: 0 })).toEqual({
      currentHopLimit: 0,
      managed: false,
      otherConfiguration: false,
      preference: "medium",
      lifetimeSeconds: 0,
      reachableMs: 0,
      retransmitMs: 0,
      options: [],
    });
  });

  it("makes the advertisement of another's router", () => {
    const { packet } = captured["a router advertisement"];
    const content = routerContent({
      lifetimeSeconds: 1_800,
      currentHopLimit: 64,
      mtu: 1_500,
      prefixes: [{ prefix: "2001:db8:0:1::/64" }],
    });
    expect(routerAdvertisement(content, packet.source, packet.sourceMac)).toEqual(packet);
  });

  it("says all that it is told", () => {
    const { packet } = captured["an advertisement with everything"];
    const content = routerContent({
      lifetimeSeconds: 1_800,
      preference: "high",
      managed: true,
      otherConfiguration: true,
      currentHopLimit: 64,
      reachableMs: 30_000,
      retransmitMs: 1_000,
      mtu: 1_400,
      prefixes: [
        {
          prefix: "2001:db8:1::/64",
          autonomous: false,
          validSeconds: 0xffff_ffff,
          preferredSeconds: 600,
        },
      ],
      dnsServers: ["2001:db8::53", "2001:db8::54"],
      dnsLifetimeSeconds: 900,
    });
    const made = routerAdvertisement(content, packet.source, packet.sourceMac);
    expect(made).toEqual({ ...packet, options: packet.options.slice(0, 4) });
  });

  it("lets servers live for three intervals, and prefixes not be preferred beyond their end", () => {
    const { options } = routerContent(
      {
        lifetimeSeconds: 0,
        prefixes: [{ prefix: "2001:db8::/64", validSeconds: 60 }],
        dnsServers: ["2001:db8::53"],
      },
      10_000,
    );
    expect(options).toMatchObject([
      { validSeconds: 60, preferredSeconds: 60 },
      { lifetimeSeconds: 30, servers: [parseIpv6("2001:db8::53")] },
    ]);
  });

  it.each<[Partial<RouterOptions>, string]>([
    [{ lifetimeSeconds: -1 }, "lifetimeSeconds must be from 0 to 65535, got -1"],
    [
      { lifetimeSeconds: 599 },
      "lifetimeSeconds must be 0 or at least maxIntervalMs, 600 s, got 599",
    ],
    [{ currentHopLimit: 256 }, "currentHopLimit must be from 0 to 255, got 256"],
    [{ reachableMs: 3_600_001 }, "reachableMs must be from 0 to 3600000, got 3600001"],
    [{ retransmitMs: -1 }, "retransmitMs must be from 0 to 4294967295, got -1"],
    [{ mtu: 1_279 }, "mtu must be from 1280 to 65535, got 1279"],
    [
      { prefixes: [{ prefix: "2001:db8::/64", validSeconds: 2 ** 32 }] },
      "validSeconds must be from 0 to 4294967295, got 4294967296",
    ],
    [
      { prefixes: [{ prefix: "2001:db8::/64", validSeconds: 5, preferredSeconds: 6 }] },
      "preferredSeconds must be from 0 to 5, got 6",
    ],
    [
      { prefixes: [{ prefix: "fe80::/64" }] },
      "prefix must not be link-local or multicast, got fe80::/64",
    ],
    [{ dnsLifetimeSeconds: -1 }, "dnsLifetimeSeconds must be from 0 to 4294967295, got -1"],
    [
      { dnsServers: Array.from({ length: 128 }, () => "::1") },
      "dnsServers must be at most 127, got 128",
    ],
  ])("refuses %j", (options, message) => {
    expect(() => routerContent({ lifetimeSeconds: 0, ...options })).toThrow(
      new RangeError(message),
    );
  });
});
