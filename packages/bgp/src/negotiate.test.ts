import { describe, expect, it } from "vitest";
import type { Capability, OpenMessage } from "./message.ts";
import { negotiate } from "./negotiate.ts";
import { updateContextOf } from "./update-context.ts";

const v4 = { afi: 1, safi: 1 };
const v6 = { afi: 2, safi: 1 };

function open(capabilities: readonly Capability[], fields: Partial<OpenMessage> = {}): OpenMessage {
  const common = { version: 4, asn: 65_001, holdTimeS: 90, routerId: "192.0.2.1" };
  return { type: "open", ...common, ...fields, capabilities };
}

const everything: Capability[] = [
  { type: "multiprotocol", ...v4 },
  { type: "multiprotocol", ...v6 },
  { type: "route-refresh" },
  { type: "enhanced-route-refresh" },
  { type: "extended-message" },
  { type: "link-local-next-hop" },
  { type: "four-octet-as", asn: 65_001 },
  { type: "extended-next-hop", families: [{ ...v4, nextHopAfi: 2 }] },
  {
    type: "graceful-restart",
    restarting: true,
    notification: true,
    restartTimeS: 120,
    families: [{ ...v4, forwarding: true }],
  },
  {
    type: "long-lived-graceful-restart",
    families: [{ ...v4, forwarding: true, staleTimeS: 3600 }],
  },
  { type: "add-path", families: [{ ...v4, mode: 3 }] },
];

describe("negotiation", () => {
  it("takes what both can do", () => {
    expect(negotiate(open(everything), open(everything), 65_001)).toEqual({
      peerAsn: 65_001,
      routerId: "192.0.2.1",
      holdTimeS: 90,
      internal: true,
      fourOctetAs: true,
      extendedMessage: true,
      routeRefresh: true,
      enhancedRouteRefresh: true,
      linkLocalNextHop: true,
      families: [v4, v6],
      extendedNextHop: [{ ...v4, nextHopAfi: 2 }],
      addPath: [{ ...v4, send: true, receive: true }],
      gracefulRestart: everything[8],
      longLivedGracefulRestart: everything[9],
    });
  });

  it.each([
    ["we", open([]), open(everything)],
    ["the peer", open(everything), open([])],
  ])("is plain BGP-4 when %s cannot do anything", (_, local, remote) => {
    expect(negotiate(local, remote, 65_002)).toEqual({
      peerAsn: 65_001,
      routerId: "192.0.2.1",
      holdTimeS: 90,
      internal: false,
      fourOctetAs: false,
      extendedMessage: false,
      routeRefresh: false,
      enhancedRouteRefresh: false,
      linkLocalNextHop: false,
      families: [v4],
      extendedNextHop: [],
      addPath: [],
    });
  });

  it.each([
    [90, 30, 30],
    [30, 90, 30],
    [0, 90, 0],
    [90, 0, 0],
  ])("RFC 4271 section 4.2: makes of hold times %d and %d one of %d", (ours, theirs, holdTimeS) => {
    const local = open([], { holdTimeS: ours });
    const remote = open([], { holdTimeS: theirs });
    expect(negotiate(local, remote, 65_001)).toMatchObject({ holdTimeS });
  });

  it("RFC 4760: has no family when none is common", () => {
    const remote = open([{ type: "multiprotocol", ...v6 }]);
    expect(negotiate(open([]), remote, 65_001).families).toEqual([]);
  });

  it("RFC 4724 section 3: the last of several graceful restarts counts", () => {
    const restart = (restartTimeS: number): Capability => ({
      type: "graceful-restart",
      restarting: false,
      notification: false,
      restartTimeS,
      families: [],
    });
    const negotiated = negotiate(open([restart(1)]), open([restart(2), restart(3)]), 65_001);
    expect(negotiated.gracefulRestart).toMatchObject({ restartTimeS: 3 });
  });

  it.each([
    [1, 2, { send: false, receive: true }],
    [2, 1, { send: true, receive: false }],
    [3, 3, { send: true, receive: true }],
    [3, 1, { send: true, receive: false }],
    [1, 1, undefined],
    [2, 2, undefined],
    [3, 4, undefined],
  ])("RFC 7911 section 4: makes of modes %d and %d %j", (ours, theirs, ways) => {
    const paths = (mode: number) => open([{ type: "add-path", families: [{ ...v4, mode }] }]);
    const { addPath } = negotiate(paths(ours), paths(theirs), 65_001);
    expect(addPath).toEqual(ways === undefined ? [] : [{ ...v4, ...ways }]);
  });

  it("gives what the reading of UPDATEs depends on", () => {
    const context = updateContextOf(negotiate(open(everything), open(everything), 1), {
      firstAsn: 65_001,
    });
    expect(context).toMatchObject({ internal: false, fourOctetAs: true, families: [v4, v6] });
    expect(context).toMatchObject({ extendedNextHop: [v4], addPath: [v4], firstAsn: 65_001 });
  });
});
