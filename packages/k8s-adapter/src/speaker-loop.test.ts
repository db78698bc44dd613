import { describe, expect, it } from "vitest";
import type { Announcement } from "./dataplane/messages.ts";
import type { SourceEvent } from "./source/source.ts";
import {
  advertisementRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "./testing/records.ts";
import { ADDRESS, interfaces, put, speaker, start, web, world } from "./testing/speaker-bench.ts";

const addresses = (announcements: readonly Announcement[] | undefined) =>
  announcements?.map(({ address }) => address);

describe("speaker loop", () => {
  it("announces what is its node's, once everything is listed", () => {
    const { announced, tell, sync, readied, source } = start("node-a");
    tell(...world);
    expect(announced).toEqual([]);
    sync();
    expect(readied()).toBe(1);
    expect(announced).toEqual([[{ address: ADDRESS, interfaces: [] }]]);
    expect(source.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'nodeAssigned: announcing from node "node-a" with protocol "layer2"',
    ]);
  });

  it("is silent where another node is first, and takes over when that says goodbye", () => {
    const { announced, tell, sync, connect } = start("node-c");
    connect();
    tell(...world);
    sync();
    expect(announced).toEqual([]);
    tell(speaker("node-a", "2", false));
    expect(announced.map(addresses)).toEqual([[ADDRESS]]);
  });

  it("takes over when the owner's sign of life stays away, and gives back when it returns", () => {
    const { announced, tell, sync, connect, clock } = start("node-c");
    connect();
    tell(...world);
    sync();
    clock.advance(4_999);
    expect(announced).toEqual([]);
    clock.advance(1);
    expect(announced.map(addresses)).toEqual([[ADDRESS]]);
    tell(speaker("node-a", "2"));
    expect(announced.map(addresses)).toEqual([[ADDRESS], []]);
  });

  it("takes nothing over while the source cannot be reached", () => {
    const { announced, tell, sync, clock } = start("node-c");
    tell(...world);
    sync();
    tell({ type: "connection", kind: "speaker", connected: false, reason: "refused" });
    clock.advance(600_000);
    expect(announced).toEqual([]);
  });

  it("stops when its own carrier is lost, and another then has it", () => {
    const { loop, announced, tell, sync, clock } = start("node-a");
    tell(...world);
    sync();
    loop.setInterfaces([{ name: "mgmt", subnets: ["10.78.0.0/24"] }]);
    clock.advance(0);
    expect(announced.map(addresses)).toEqual([[ADDRESS], []]);
  });

  it.each<[string, SourceEvent]>([
    ["its Service is deleted", { type: "delete", kind: "service", key: web.key }],
    ["its endpoints are deleted", { type: "delete", kind: "endpointSlice", key: "default/web-1" }],
    [
      "the advertisement is deleted",
      { type: "delete", kind: "l2Advertisement", key: "metallb-system/all" },
    ],
    ["the pool is deleted", { type: "delete", kind: "pool", key: "metallb-system/lan" }],
    [
      "the node's network is unavailable",
      put({ kind: "node", record: nodeRecord("node-a", { networkUnavailable: true }) }),
    ],
  ])("falls silent when %s", async (_, event) => {
    const { announced, tell, sync, metrics } = start("node-a");
    tell(...world);
    sync();
    const series = `metallb_speaker_announced{service="default/web",protocol="layer2",node="node-a",ip="${ADDRESS}"} 1`;
    expect(await metrics.render()).toContain(series);
    tell(event);
    expect(announced.map(addresses)).toEqual([[ADDRESS], []]);
    expect(await metrics.render()).not.toContain(ADDRESS);
  });

  it("says where it answers for a Service, and that it does no more", () => {
    const { tell, sync, source } = start("node-a");
    tell(...world);
    expect(source.said).toEqual([]);
    sync();
    expect(source.said).toEqual(["layer2 default/web ", "complete"]);
    const named = advertisementRecord("all", { interfaces: ["eth0"] });
    tell(put({ kind: "l2Advertisement", record: named }));
    tell({ type: "delete", kind: "service", key: web.key });
    expect(source.said.slice(2)).toEqual(["layer2 default/web eth0", "layer2 default/web no more"]);
  });

  it("tells the dataplane nothing when nothing changed", () => {
    const { announced, tell, sync, source } = start("node-a");
    tell(...world);
    sync();
    tell(...world);
    expect(announced).toHaveLength(1);
    expect(source.events).toHaveLength(1);
  });

  it("unites the interfaces of Services that share an address", () => {
    const { announced, tell, sync } = start("node-a");
    const named = (name: string, pool: string) =>
      advertisementRecord(name, { interfaces: [name], serviceSelectors: [], pools: [pool] });
    tell(...world);
    tell({ type: "delete", kind: "l2Advertisement", key: "metallb-system/all" });
    tell(put({ kind: "l2Advertisement", record: named("eth0", "lan") }));
    const api = serviceRecord("default/api", { ingress: [ADDRESS] });
    tell(put({ kind: "endpointSlice", record: sliceRecord("api-1", api.key, ["node-b"]) }));
    tell(put({ kind: "service", record: api }));
    sync();
    expect(announced.at(-1)).toEqual([{ address: ADDRESS, interfaces: ["eth0"] }]);
  });

  it("warns once when no eligible node has a wanted interface, and the others stay silent", () => {
    const eth9 = put({
      kind: "l2Advertisement",
      record: advertisementRecord("all", { interfaces: ["eth9"] }),
    });
    for (const [node, warnings] of [
      ["node-a", ["Warning announceFailed"]],
      ["node-c", []],
    ] as const) {
      const { announced, source, tell, sync } = start(node);
      tell(...world, eth9);
      sync();
      tell(...world, eth9);
      expect(announced).toEqual([]);
      expect(source.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(warnings);
    }
  });

  it("warns of no missing interface before the dataplane told which there are", () => {
    const { announced, source, loop, clock, tell, sync } = start("node-a", undefined, false);
    tell(...world.filter((event) => event.type !== "put" || event.kind !== "speaker"));
    sync();
    expect(source.events).toEqual([]);
    loop.setInterfaces(interfaces);
    clock.advance(0);
    expect(announced.map(addresses)).toEqual([[ADDRESS]]);
    expect(source.events.map(({ reason }) => reason)).toEqual(["nodeAssigned"]);
  });

  it("warns on the Service when the node's own kernel answers for its address", () => {
    const { loop, clock, logger, source, tell, sync } = start("node-c");
    tell(...world);
    sync();
    loop.setKernelAnswers(["192.168.1.1", ADDRESS]);
    clock.advance(0);
    tell(...world);
    expect(source.events.map(({ reason }) => reason)).toEqual(["addressOnNode"]);
    expect(source.events[0]?.message).toMatch(
      /node "node-c" itself has 192\.168\.1\.240 .*strictARP/,
    );
    loop.setKernelAnswers(["192.168.1.1"]);
    clock.advance(0);
    expect(logger.lines.at(-1)).toContain("no longer wrong");
  });

  it("warns on every Service that has an address which another host claims, and says when it is over", () => {
    const { loop, clock, logger, source, tell, sync } = start("node-a");
    tell(...world);
    const api = serviceRecord("default/api", { ingress: [ADDRESS] });
    tell(put({ kind: "endpointSlice", record: sliceRecord("api-1", api.key, ["node-b"]) }));
    tell(put({ kind: "service", record: api }));
    sync();
    const before = source.events.length;
    for (let i = 0; i < 3; i++) {
      loop.see({ address: ADDRESS, mac: "02:00:00:00:00:99", interface: "eth0", kept: true });
      clock.advance(10_000);
    }
    const told = () =>
      source.events.slice(before).map(({ name, type, reason }) => `${name} ${type} ${reason}`);
    const warned = ["web Warning addressConflict", "api Warning addressConflict"];
    expect(told().sort()).toEqual([...warned].sort());
    expect(source.events.at(-1)?.message).toMatch(
      /another host claims 192\.168\.1\.240: 02:00:00:00:00:99 on eth0 of node "node-a"/,
    );
    expect(logger.lines.at(-1)).toContain("02:00:00:00:00:99");
    clock.advance(30_000);
    const ended = ["web Normal addressConflictEnded", "api Normal addressConflictEnded"];
    expect(told().sort()).toEqual([...warned, ...ended].sort());
  });

  it("does not take the other end of a planned move for a conflict", () => {
    const { loop, clock, source, tell, sync } = start("node-a");
    const mac = "02:00:00:00:00:0c";
    tell(...world);
    tell(
      put({
        kind: "speaker",
        record: speakerRecord("node-c", {
          held: false,
          interfaces: [{ name: "eth0", subnets: [], mac }],
        }),
      }),
    );
    sync();
    const before = source.events.length;
    const see = () => loop.see({ address: ADDRESS, mac, interface: "eth0", kept: true });
    see();
    clock.advance(1_000);
    see();
    expect(source.events).toHaveLength(before);
    clock.advance(9_000);
    see();
    clock.advance(0);
    expect(source.events.at(-1)?.message).toContain(`${mac} (node "node-c")`);
  });

  it("says nothing of a conflict about an address that it does not announce any more", () => {
    const { loop, clock, source, tell, sync } = start("node-a");
    tell(...world);
    sync();
    loop.see({ address: ADDRESS, mac: "02:00:00:00:00:99", interface: "eth0", kept: true });
    clock.advance(0);
    loop.setInterfaces([{ name: "mgmt", subnets: ["10.78.0.0/24"] }]);
    clock.advance(60_000);
    expect(source.events.map(({ reason }) => reason)).toEqual(["nodeAssigned", "addressConflict"]);
  });

  it("starts from what was last known when the source cannot be reached", () => {
    const first = start("node-a");
    first.tell(...world);
    first.sync();
    const again = start("node-a", first.kept.at(-1));
    again.tell({ type: "connection", kind: "service", connected: false, reason: "refused" });
    expect(again.announced.map(addresses)).toEqual([[ADDRESS]]);
    expect(again.readied()).toBe(1);
    expect(again.logger.lines.join("\n")).toContain("starting from what was last known");
  });

  it("drops what was last known and is not listed any more", () => {
    const first = start("node-a");
    first.tell(...world);
    first.sync();
    const again = start("node-a", first.kept.at(-1));
    again.tell({ type: "connection", kind: "service", connected: false, reason: "refused" });
    again.tell(...world.filter((event) => !("kind" in event) || event.kind !== "service"));
    again.sync();
    expect(again.announced.map(addresses)).toEqual([[ADDRESS], []]);
  });

  it("decides nothing anew when the counters of a pool alone changed", async () => {
    const { tell, sync, metrics } = start("node-a");
    tell(...world);
    sync();
    const before = await metrics.render();
    const counters = { assignedIPv4: 1, assignedIPv6: 0, availableIPv4: 1, availableIPv6: 0 };
    const pool = poolRecord("lan", ["192.168.1.0/24"], { counters, resourceVersion: "2" });
    tell(put({ kind: "pool", record: pool }));
    const updates = (text: string) => /metallb_k8s_client_updates_total (\d+)/.exec(text)?.[1];
    expect(updates(await metrics.render())).toBe(updates(before));
  });
});
