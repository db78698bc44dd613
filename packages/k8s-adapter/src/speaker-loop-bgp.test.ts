import { describe, expect, it } from "vitest";
import type { SourceEvent } from "./source/source.ts";
import type { FakeSession } from "./testing/fake-session.ts";
import {
  bgpAdvertisementRecord,
  bgpPeerRecord,
  nodeRecord,
  serviceRecord,
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

  it("says which peers each Service is announced to, those that share a prefix together", () => {
    const { tell, sync, source } = start("node-c");
    const aggregate = (name: string, peers: readonly string[], service: string) =>
      put({
        kind: "bgpAdvertisement",
        record: bgpAdvertisementRecord(name, {
          peers,
          aggregationLength: 24,
          serviceSelectors: [{ matchLabels: { name: service }, matchExpressions: [] }],
        }),
      });
    const service = (name: string, ingress: string[]) =>
      put({
        kind: "service",
        record: serviceRecord(`default/${name}`, { ingress, labels: { name } }),
      });
    const serving = (name: string) =>
      put({
        kind: "endpointSlice",
        record: sliceRecord(`${name}-1`, `default/${name}`, ["node-c"]),
      });
    const said = () => source.said.splice(0).filter((line) => !line.startsWith("layer2"));
    tell(...world, put({ kind: "bgpPeer", record: bgpPeerRecord("tor") }));
    tell(put({ kind: "bgpPeer", record: bgpPeerRecord("spine", { address: "10.77.0.253" }) }));
    tell(aggregate("a", ["tor"], "a"), aggregate("b", ["spine"], "b"), serving("a"), serving("b"));
    tell(service("a", [ADDRESS]));
    sync();
    expect(said()).toEqual(["bgp default/a tor", "complete"]);
    tell(service("b", ["192.168.1.241"]));
    expect(said().sort()).toEqual(["bgp default/a spine,tor", "bgp default/b spine,tor"]);
    tell(service("a", []));
    expect(said().sort()).toEqual(["bgp default/a no more", "bgp default/b spine"]);
    tell({ type: "delete", kind: "bgpPeer", key: "metallb-system/spine" });
    expect(said()).toEqual(["bgp default/b no more"]);
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
