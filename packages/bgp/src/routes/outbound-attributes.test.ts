import { describe, expect, it } from "vitest";
import type { PathAttributes } from "../path-attributes.ts";
import { outboundAttributes } from "./outbound-attributes.ts";
import type { NextHopSelf, SessionClass } from "./session-class.ts";

const both: NextHopSelf = { ipv4: "192.0.2.1", ipv6: "2001:db8::1" };
const external: SessionClass = {
  fourOctetAs: true,
  internal: false,
  localAsn: 65_001,
  maxMessageLength: 4_096,
  families: [],
  nextHop: both,
};
const route: PathAttributes = { origin: "igp", asPath: [], nextHop: "0.0.0.0" };

function nextHop(changes: Partial<PathAttributes>, session: Partial<SessionClass>, afi: 1 | 2) {
  const found = outboundAttributes({ ...route, ...changes }, { ...external, ...session }, afi);
  return found && [found.nextHop, found.linkLocalNextHop].filter((each) => each !== undefined);
}

describe("next hop", () => {
  const LL = "fe80::1";
  const withLocal = { nextHop: { ...both, linkLocal: LL } };
  const onlyLocal = { nextHop: { linkLocal: LL } };
  const onlyIpv6 = { nextHop: { ipv6: "2001:db8::1", linkLocal: LL } };
  const extended = { extendedNextHop: true };

  it.each<[string, string, Partial<SessionClass>, 1 | 2, string[] | undefined]>([
    // what,                                route's,      session,  afi, sent
    ["self", "0.0.0.0", {}, 1, ["192.0.2.1"]],
    ["self, in its other spelling", "::", {}, 1, ["192.0.2.1"]],
    ["self of IPv6", "::", {}, 2, ["2001:db8::1"]],
    ["self of IPv6 with its link-local", "::", withLocal, 2, ["2001:db8::1", LL]],
    ["a lone link-local, in both places", "::", onlyLocal, 2, [LL, LL]],
    ["one alone", "::", { ...onlyLocal, linkLocalNextHop: true }, 2, [LL]],
    ["IPv4 over IPv6, one address", "0.0.0.0", { ...onlyIpv6, ...extended }, 1, ["2001:db8::1"]],
    ["IPv4 over a link-local", "0.0.0.0", { ...onlyLocal, ...extended }, 1, [LL]],
    ["IPv4 where there is one", "0.0.0.0", extended, 1, ["192.0.2.1"]],
    ["IPv4 over IPv6, not agreed on", "0.0.0.0", onlyIpv6, 1, undefined],
    ["IPv6 without an address", "::", { nextHop: { ipv4: "192.0.2.1" } }, 2, undefined],
    ["one that is given", "198.51.100.9", {}, 1, ["198.51.100.9"]],
    ["a given one of IPv6", "2001:db8::9", withLocal, 2, ["2001:db8::9"]],
    ["a given one of IPv6 for IPv4", "2001:db8::9", extended, 1, ["2001:db8::9"]],
    ["the same, not agreed on", "2001:db8::9", {}, 1, undefined],
    ["a given one of IPv4 for IPv6", "198.51.100.9", {}, 2, undefined],
    ["a given link-local one", "fe80::9", {}, 2, ["fe80::9", "fe80::9"]],
  ])("%s: %s", (_, own, session, afi, sent) => {
    expect(nextHop({ nextHop: own }, session, afi)).toEqual(sent);
  });

  it("goes with the route's own link-local one", () => {
    const own = { nextHop: "2001:db8::9", linkLocalNextHop: "fe80::9" };
    expect(nextHop(own, withLocal, 2)).toEqual(["2001:db8::9", "fe80::9"]);
  });
});

describe("outbound attributes", () => {
  const outbound = (changes: Partial<PathAttributes>, session: Partial<SessionClass> = {}) =>
    outboundAttributes({ ...route, ...changes }, { ...external, ...session }, 1);

  it("have the own AS in front on eBGP, and not on iBGP", () => {
    const asPath = [{ type: "sequence", asns: [7] } as const];
    expect(outbound({ asPath })?.asPath).toEqual([{ type: "sequence", asns: [65_001, 7] }]);
    expect(outbound({ asPath }, { internal: true })?.asPath).toEqual(asPath);
  });

  it.each([
    ["a set", { type: "set", asns: [7] }],
    ["a full segment", { type: "sequence", asns: Array<number>(255).fill(7) }],
  ] as const)("have it in a segment of its own before %s", (_, segment) => {
    const own = { type: "sequence", asns: [65_001] };
    expect(outbound({ asPath: [segment] })?.asPath).toEqual([own, segment]);
  });

  it("have communities of each kind in order, and each once", () => {
    const large = (localData1: number) => ({ globalAdministrator: 1, localData1, localData2: 0 });
    const octets = (count: number, last: number) => new Uint8Array(count).fill(last, count - 1);
    const sent = outbound({
      communities: [9, 0xffff_ff01, 9, 3],
      extendedCommunities: [octets(8, 2), octets(8, 1), octets(8, 2)],
      ipv6ExtendedCommunities: [octets(20, 2), octets(20, 1)],
      largeCommunities: [large(10), large(9), large(10)],
    });
    expect(sent?.communities).toEqual([3, 9, 0xffff_ff01]);
    expect(sent?.extendedCommunities).toEqual([octets(8, 1), octets(8, 2)]);
    expect(sent?.ipv6ExtendedCommunities).toEqual([octets(20, 1), octets(20, 2)]);
    expect(sent?.largeCommunities).toEqual([large(9), large(10)]);
  });

  it("have GRACEFUL_SHUTDOWN when a session will shut down, and no preference on iBGP", () => {
    const own = { communities: [9], localPref: 200 };
    expect(outbound(own)).toMatchObject(own);
    expect(outbound(own, { gracefulShutdown: true })).toMatchObject({
      communities: [9, 0xffff_0000],
      localPref: 200,
    });
    expect(outbound(own, { gracefulShutdown: true, internal: true })?.localPref).toBe(0);
  });
});
