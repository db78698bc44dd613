import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import type { RouterAdvertisement } from "./message.ts";
import type { NdpOption, PrefixOption } from "./option.ts";
import { type DiscoveryInput, type DiscoveryOutput, RouterDiscovery } from "./router-discovery.ts";
import { anyAddress, anyOption } from "./testing/arbitrary.ts";
import { captured } from "./testing/captured.ts";

const start: DiscoveryInput = { type: "start" };
const up: DiscoveryInput = { type: "up" };
const tick: DiscoveryInput = { type: "tick" };
const base = captured["an advertisement with everything"].packet;
const [, , prefixOption] = base.options;
const prefix = parseIpv6("2001:db8:1::");
const server = parseIpv6("2001:db8::53");

const heard = (fields: Partial<RouterAdvertisement> = {}): DiscoveryInput => ({
  type: "advertisement",
  packet: { ...base, ...fields },
});
const heardOption = (option: NdpOption): DiscoveryInput =>
  heard({ lifetimeSeconds: 0, options: [option] });
const heardPrefix = (fields: Partial<PrefixOption>): DiscoveryInput =>
  heardOption({ ...prefixOption, ...fields });

const kinds = (outputs: readonly DiscoveryOutput[]) => outputs.map((output) => output.type);

/** When it solicits until `end`, ticked at each deadline. */
function solicits(machine: RouterDiscovery, end: number): number[] {
  const times: number[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    for (const { type } of machine.handle(tick, now)) if (type === "solicit") times.push(now);
  }
  return times;
}

const discovery = () => new RouterDiscovery(() => 0.5);

describe("router discovery", () => {
  it("asks three times, four seconds apart, after a short wait (6.3.7)", () => {
    const machine = discovery();
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(machine.handle(tick, 0)).toEqual([]);
    expect(machine.handle(up, 0)).toEqual([]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(machine.handle(start, 1_000)).toEqual([]);
    expect(machine.handle(start, 1_100)).toEqual([]);
    expect(machine.handle(tick, 1_499)).toEqual([]);
    expect(solicits(machine, 100_000)).toEqual([1_500, 5_500, 9_500]);
    machine.handle(up, 100_000);
    expect(solicits(machine, 200_000)).toEqual([100_500, 104_500, 108_500]);
  });

  it("asks no more once it heard of a default router", () => {
    const machine = discovery();
    machine.handle(start, 0);
    machine.handle(heard({ lifetimeSeconds: 0 }), 100);
    expect(machine.handle(tick, 500)).toEqual([{ type: "solicit" }]);
    machine.handle(heard(), 1_000);
    expect(solicits(machine, 100_000)).toEqual([]);
  });

  it("learns all that an advertisement says", () => {
    const machine = discovery();
    const router = {
      address: base.source,
      mac: 0x0200_0000_000b,
      preference: "high",
      managed: true,
      otherConfiguration: true,
      expiresAt: 1_801_000,
    };
    const record = {
      prefix,
      prefixLength: 64,
      onLink: true,
      autonomous: false,
      preferredUntil: 601_000,
      expiresAt: Number.POSITIVE_INFINITY,
    };
    const servers = [
      { address: server, expiresAt: 901_000 },
      { address: parseIpv6("2001:db8::54"), expiresAt: 901_000 },
    ];
    expect(machine.handle(heard(), 1_000)).toEqual([
      { type: "router", router },
      { type: "mtu", mtu: 1_400 },
      { type: "prefix", prefix: record },
      { type: "dnsServer", server: servers[0] },
      { type: "dnsServer", server: servers[1] },
    ]);
    expect(machine.routers).toEqual([router]);
    expect(machine.prefixes).toEqual([record]);
    expect(machine.dnsServers).toEqual(servers);
    expect(machine.mtu).toBe(1_400);
  });

  it("says nothing of what it knows, but keeps it for longer", () => {
    const machine = discovery();
    machine.handle(heard(), 0);
    expect(machine.handle(heard(), 599_999)).toEqual([]);
    expect(machine.deadline).toBe(1_499_999);
    expect(kinds(machine.handle(tick, 1_499_999))).toEqual(["dnsServerGone", "dnsServerGone"]);
    expect(machine.handle(tick, 2_399_998)).toEqual([]);
    expect(kinds(machine.handle(tick, 2_399_999))).toEqual(["routerGone"]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(machine.prefixes).toHaveLength(1);
  });

  it.each<[string, Partial<RouterAdvertisement>, string[]]>([
    ["hardware address", { options: [], sourceMac: 7 }, ["router"]],
    ["preference", { preference: "low" }, ["router"]],
    ["flags", { managed: false }, ["router"]],
    ["lifetime", { lifetimeSeconds: 9 }, []],
    ["end", { lifetimeSeconds: 0 }, ["routerGone"]],
    ["address", { source: parseIpv6("fe80::1") }, ["router"]],
    ["hop limit for hosts", { currentHopLimit: 1 }, []],
  ])("tells when a router has another %s", (_, fields, expected) => {
    const machine = discovery();
    machine.handle(heard(), 0);
    expect(kinds(machine.handle(heard(fields), 1_000))).toEqual(expected);
  });

  it.each<[string, Partial<PrefixOption>, string[]]>([
    ["is said again", {}, []],
    ["has other flags", { autonomous: true }, ["prefix"]],
    ["lives longer", { preferredSeconds: 900 }, []],
    ["is deprecated", { preferredSeconds: 0 }, ["prefix"]],
    ["ends", { validSeconds: 0, preferredSeconds: 0 }, ["prefixGone"]],
    ["has bits after its length", { prefix: parseIpv6("2001:db8:1::5") }, []],
    ["has another length", { prefixLength: 63 }, ["prefix"]],
    ["is preferred beyond its end (RFC 4862 section 5.5.3)", { validSeconds: 599 }, []],
    ["has no use", { onLink: false, autonomous: false }, []],
    ["is link-local", { prefix: parseIpv6("fe80::") }, []],
    ["is multicast", { prefix: parseIpv6("ff02::") }, []],
  ])("tells of a prefix that %s", (_, fields, expected) => {
    const machine = discovery();
    machine.handle(heard(), 0);
    machine.handle(heard({ lifetimeSeconds: 0 }), 500);
    expect(kinds(machine.handle(heardPrefix(fields), 1_000))).toEqual(expected);
    expect(machine.handle(heardPrefix(fields), 1_000)).toEqual([]);
  });

  it("tells of a prefix that is preferred again after it was not", () => {
    const machine = discovery();
    machine.handle(heardPrefix({ preferredSeconds: 10 }), 0);
    expect(kinds(machine.handle(heardPrefix({ preferredSeconds: 10 }), 20_000))).toEqual([
      "prefix",
    ]);
  });

  it("forgets a prefix and a server when their time is over, or when told", () => {
    const machine = discovery();
    machine.handle(heardPrefix({ validSeconds: 900 }), 0);
    machine.handle(heardOption({ type: "rdnss", lifetimeSeconds: 60, servers: [server] }), 0);
    expect(kinds(machine.handle(tick, 60_000))).toEqual(["dnsServerGone"]);
    expect(kinds(machine.handle(tick, 900_000))).toEqual(["prefixGone"]);
    machine.handle(heardOption({ type: "rdnss", lifetimeSeconds: 60, servers: [server] }), 0);
    const end = heardOption({ type: "rdnss", lifetimeSeconds: 0, servers: [server] });
    expect(kinds(machine.handle(end, 1))).toEqual(["dnsServerGone"]);
    expect(machine.handle(end, 1)).toEqual([]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes an MTU that IPv6 can live with, and tells when it changes", () => {
    const machine = discovery();
    const told = [1_279, 1_280, 1_280, 9_000].map((mtu) =>
      machine.handle(heardOption({ type: "mtu", mtu }), 0),
    );
    expect(told).toEqual([[], [{ type: "mtu", mtu: 1_280 }], [], [{ type: "mtu", mtu: 9_000 }]]);
  });

  it("keeps 64 of each at most, whoever sends more", () => {
    const machine = discovery();
    for (let i = 0; i < 1_000; i++) {
      const address = parseIpv6(`fe80::${i.toString(16)}`);
      const prefix = parseIpv6(`2001:db8:${i.toString(16)}::`);
      machine.handle(heard({ source: address, options: [{ ...prefixOption, prefix }] }), i);
      const servers = [parseIpv6(`2001:db8::${i.toString(16)}`)];
      machine.handle(heardOption({ type: "rdnss", lifetimeSeconds: 900, servers }), i);
    }
    const { routers, prefixes, dnsServers } = machine;
    expect([routers.length, prefixes.length, dnsServers.length]).toEqual([64, 64, 64]);
    expect(
      kinds(machine.handle(heard({ source: parseIpv6("fe80::1"), managed: false }), 0)),
    ).toEqual(expect.arrayContaining(["router"]));
  });

  it("never throws, and tells of nothing twice, whatever comes in whatever order", () => {
    const input = fc.oneof(
      fc.constantFrom(start, up, tick),
      fc
        .record({
          source: fc.oneof(anyAddress, fc.constant(base.source)),
          lifetimeSeconds: fc.constantFrom(0, 1, 65_535),
          options: fc.array(fc.oneof(anyOption, fc.constant(prefixOption)), { maxLength: 3 }),
        })
        .map(heard),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.integer({ min: -50, max: 5_000 }))), (steps) => {
        const machine = discovery();
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          machine.handle(next, now);
          machine.handle(tick, now);
          expect(machine.handle(tick, now)).toEqual([]);
          expect(machine.deadline).toBeGreaterThan(now);
        }
      }),
    );
  });
});
