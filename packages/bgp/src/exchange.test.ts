import { describe, expect, it } from "vitest";
import { encodeMessage } from "./header.ts";
import type { ReceivedRoutes } from "./import.ts";
import { KEEPALIVE } from "./keepalive.ts";
import { Role } from "./roles.ts";
import { encodeRouteRefresh } from "./route-refresh.ts";
import { concat } from "./testing/octets.ts";
import { RawPeer, theirOpen } from "./testing/raw-peer.ts";
import { Pair } from "./testing/two-speakers.ts";
import { attribute, NEXT_HOP, ORIGIN, prefixes, updateBody } from "./testing/update.ts";

const PATH = attribute(2, 0x40, "0201 0000fdea");
const SELF = { origin: "igp", asPath: [], nextHop: "0.0.0.0" } as const;

function route(prefix: string, ...more: readonly Uint8Array[]): Uint8Array {
  const attributes = [ORIGIN, PATH, NEXT_HOP, ...more];
  return encodeMessage(2, updateBody({ attributes, announced: prefixes(prefix) }));
}

function mark(subtype: number): Uint8Array {
  return encodeRouteRefresh({ type: "route-refresh", afi: 1, safi: 1, subtype });
}

describe("enhanced route refresh (RFC 7313)", () => {
  const established = (capable: boolean) => {
    const told: ReceivedRoutes[] = [];
    const raw = new RawPeer({ keepRoutes: true, onRoutes: (routes) => told.push(routes) });
    const open = capable ? theirOpen() : withoutEnhanced(theirOpen());
    raw.say(concat(open, KEEPALIVE, route("192.0.2.0/24"), route("198.51.100.0/24")));
    raw.say(concat(mark(1), route("198.51.100.0/24"), mark(2)));
    return { raw, told };
  };

  it("takes away what a replay has not brought again, and says so", () => {
    const { raw, told } = established(true);
    expect(Array.from(raw.peer.routes, ({ prefix }) => prefix)).toEqual(["198.51.100.0/24"]);
    expect(told.map(({ replay, withdrawn }) => [replay, ...withdrawn])).toEqual([
      [undefined],
      [undefined],
      ["begins"],
      [undefined],
      ["ends", "192.0.2.0/24"],
    ]);
  });

  it("takes no notice of marks that were not agreed on, nor of subtypes to come", () => {
    const { raw } = established(false);
    raw.say(mark(3));
    expect(raw.peer.routes.size).toBe(2);
    expect(raw.peer.state).toBe("established");
  });

  /** Capability 70 becomes one that nobody knows. */
  function withoutEnhanced(open: Uint8Array): Uint8Array {
    const at = open.findIndex((octet, i) => octet === 70 && open[i + 1] === 0 && i > 28);
    return open.with(at, 250);
  }
});

describe("roles (RFC 9234)", () => {
  it("mark what goes down, and let through what comes from above", async () => {
    const pair = await Pair.make({ a: { role: Role.provider }, b: { role: Role.customer } });
    pair.a.announce("203.0.113.10/32", SELF);
    pair.b.announce("198.51.100.0/24", SELF);
    pair.b.announce("198.51.101.0/24", { ...SELF, onlyToCustomer: 65_009 });
    pair.clock.advance(10_000);
    expect(pair.toA.routes.get("203.0.113.10/32")?.onlyToCustomer).toBe(65_001);
    expect(Pair.prefixes(pair.toB)).toEqual(["198.51.100.0/24"]);
    expect(pair.toB.routes.get("198.51.100.0/24")).not.toHaveProperty("onlyToCustomer");
    expect(pair.toA.counters.sent?.leftOut.role).toBe(1);
  });

  it("take a route that leaked for withdrawn, and count it", () => {
    const raw = new RawPeer({ keepRoutes: true, role: Role.provider });
    const marked = attribute(35, 0xc0, "0000fdea");
    raw.say(concat(theirOpen({ role: Role.customer }), KEEPALIVE, route("192.0.2.0/24")));
    expect(raw.peer.routes.size).toBe(1);
    raw.say(route("192.0.2.0/24", marked));
    expect(raw.peer.routes.size).toBe(0);
    expect(raw.peer.counters).toMatchObject({ leaked: 1, treatedAsWithdraw: 0, withdrawn: 1 });
  });

  it("are nothing to routes within one AS", async () => {
    const pair = await Pair.make({
      a: { role: Role.provider, asn: 65_001, localAsn: 65_001 },
      b: { role: Role.customer, asn: 65_001, localAsn: 65_001 },
    });
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    expect(pair.toA.routes.get("203.0.113.10/32")).not.toHaveProperty("onlyToCustomer");
  });
});
