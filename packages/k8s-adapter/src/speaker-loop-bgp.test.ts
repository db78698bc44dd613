import { describe, expect, it } from "vitest";
import type { SourceEvent } from "./source/source.ts";
import type { FakeSession } from "./testing/fake-session.ts";
import {
  bgpAdvertisementRecord,
  bgpPeerRecord,
  nodeRecord,
  sliceRecord,
} from "./testing/records.ts";
import { ADDRESS, put, start, web, world } from "./testing/speaker-bench.ts";

describe("speaker loop over BGP", () => {
  const routing: readonly SourceEvent[] = [
    put({ kind: "bgpPeer", record: bgpPeerRecord("tor") }),
    put({ kind: "bgpAdvertisement", record: bgpAdvertisementRecord("all") }),
  ];
  const routes = (session: FakeSession | undefined) => [...(session?.routes.keys() ?? [])];

  it("announces from every node, with MetalLB's event and metric", async () => {
    const { tell, sync, source, metrics, sessions } = start("node-c");
    tell(...world, ...routing);
    sync();
    expect(sessions.map(routes)).toEqual([[`${ADDRESS}/32`]]);
    expect(sessions[0]?.isComplete).toBe(true);
    expect(source.events).toMatchObject([
      { reason: "nodeAssigned", message: 'announcing from node "node-c" with protocol "bgp"' },
    ]);
    expect(await metrics.render()).toContain('protocol="bgp",node="node-c"');
  });

  it("withdraws when no endpoint serves any more, and nothing is said twice", () => {
    const { tell, sync, logger, sessions } = start("node-c");
    tell(...world, ...routing);
    sync();
    tell(put({ kind: "endpointSlice", record: sliceRecord("web-1", web.key, []) }));
    tell(put({ kind: "node", record: nodeRecord("node-b", { labels: { a: "b" } }) }));
    expect(sessions.map(routes)).toEqual([[]]);
    const told = logger.lines.filter((line) => line.includes("routes"));
    expect(told.map((line) => line.replace(/ \{.*/, ""))).toEqual([
      "info announcing routes",
      "info no longer announcing routes",
    ]);
  });

  it("warns of advertisements that contradict each other, once", () => {
    const { tell, sync, source } = start("node-c");
    const selectors = [{ matchLabels: {}, matchExpressions: [] }];
    const other = bgpAdvertisementRecord("other", { localPref: 7, serviceSelectors: selectors });
    tell(...world, ...routing, put({ kind: "bgpAdvertisement", record: other }));
    sync();
    expect(source.events.map(({ reason }) => reason)).toEqual(["conflictingAdvertisements"]);
  });

  it("takes leave of its peers at the end", async () => {
    const { tell, sync, sessions, loop } = start("node-c");
    tell(...world, ...routing);
    sync();
    await loop.close("speaker on node-c stops");
    expect(sessions.map(({ stopped }) => stopped)).toEqual(["speaker on node-c stops"]);
  });
});
