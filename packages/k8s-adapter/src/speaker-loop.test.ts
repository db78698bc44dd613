import { parseTable } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import type { SourceEvent } from "./source/source.ts";
import {
  advertisementRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "./testing/records.ts";
import {
  ADDRESS,
  type Desired,
  interfaces,
  ownershipKey,
  put,
  speaker,
  start,
  web,
  world,
} from "./testing/speaker-bench.ts";

/** The eligible nodes of each group. */
const eligible = (desired: Desired | undefined) =>
  desired?.groups.map((group) => [...group.eligible.keys()].sort().join());

describe("speaker loop", () => {
  it("hands over who may answer, once everything is listed", () => {
    const { desired, tell, sync, readied } = start("node-a");
    tell(...world, ownershipKey);
    expect(desired).toEqual([]);
    sync();
    expect(readied()).toBe(1);
    expect(desired).toEqual([
      {
        groups: [
          {
            name: web.key,
            addresses: [ADDRESS],
            table: { epoch: 0, nodes: [] },
            eligible: new Map([
              ["node-a", 0],
              ["node-c", 0],
            ]),
            interfaces: ["eth0"],
            places: [],
          },
        ],
        secrets: [new Uint8Array(32).fill(1)],
        neighbours: [],
      },
    ]);
  });

  it("tells of what is really answered for: in the log, a metric and an Event", async () => {
    const { tell, sync, take, stop, logger, source, metrics } = start("node-a");
    tell(...world);
    sync();
    const series = `metallb_speaker_announced{service="default/web",protocol="layer2",node="node-a",ip="${ADDRESS}"} 1`;
    expect(await metrics.render()).not.toContain(series);
    take(ADDRESS);
    expect(await metrics.render()).toContain(series);
    expect(logger.lines.at(-1)).toContain("info answering");
    expect(source.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'nodeAssigned: announcing from node "node-a" with protocol "layer2"',
    ]);
    stop(ADDRESS);
    expect(await metrics.render()).not.toContain(series);
    expect(logger.lines.at(-1)).toMatch(/no longer answering.*"outranked".*"node-c"/);
    expect(source.events).toHaveLength(1);
  });

  it("answers for nothing any more when the dataplane ended", async () => {
    const { tell, sync, take, loop, metrics } = start("node-a");
    tell(...world);
    sync();
    take(ADDRESS);
    loop.lose();
    expect(await metrics.render()).not.toContain(ADDRESS);
    expect(loop.announcedServices).toBe(0);
  });

  it("leaves a node out that took leave, but none that merely fell silent", () => {
    const { desired, tell, sync, clock } = start("node-c");
    tell(...world);
    sync();
    clock.advance(3_600_000);
    tell({ type: "connection", kind: "speaker", connected: false, reason: "refused" });
    expect(desired.map(eligible)).toEqual([["node-a,node-c"]]);
    tell(speaker("node-a", "2", false));
    expect(desired.map(eligible)).toEqual([["node-a,node-c"], ["node-c"]]);
    tell({ type: "delete", kind: "speaker", key: speakerRecord("node-a").key });
    expect(desired).toHaveLength(2);
  });

  it("leaves itself out when its own carrier is lost and another has one", () => {
    const { loop, desired, tell, sync, clock } = start("node-a");
    tell(...world);
    sync();
    loop.setInterfaces([{ name: "mgmt", subnets: ["10.78.0.0/24"] }]);
    clock.advance(0);
    expect(desired.map(eligible)).toEqual([["node-a,node-c"], ["node-c"]]);
  });

  it.each<[string, SourceEvent]>([
    ["its Service is deleted", { type: "delete", kind: "service", key: web.key }],
    ["its endpoints are deleted", { type: "delete", kind: "endpointSlice", key: "default/web-1" }],
    [
      "the advertisement is deleted",
      { type: "delete", kind: "l2Advertisement", key: "metallb-system/all" },
    ],
    ["the pool is deleted", { type: "delete", kind: "pool", key: "metallb-system/lan" }],
  ])("falls silent when %s", async (_, event) => {
    const { desired, tell, sync, take, metrics } = start("node-a");
    tell(...world);
    sync();
    take(ADDRESS);
    tell(event);
    expect(desired.at(-1)?.groups).toEqual([]);
    expect(await metrics.render()).not.toContain(`ip="${ADDRESS}"} 1`.replace("ip", "node-a,ip"));
    expect(await metrics.render()).not.toContain("metallb_speaker_announced{");
  });

  it("says where it answers for a Service, and that it does no more", () => {
    const { tell, sync, source, take } = start("node-a");
    tell(...world);
    sync();
    expect(source.said).toEqual(["complete"]);
    take(ADDRESS);
    const named = advertisementRecord("all", { interfaces: ["eth0"] });
    tell(put({ kind: "l2Advertisement", record: named }));
    tell({ type: "delete", kind: "service", key: web.key });
    expect(source.said.slice(1)).toEqual([
      "layer2 default/web ",
      "layer2 default/web eth0",
      "layer2 default/web no more",
    ]);
  });

  it("hands over nothing when nothing changed, and says nothing twice", () => {
    const { desired, tell, sync, source, take } = start("node-a");
    tell(...world);
    sync();
    take(ADDRESS);
    tell(...world);
    tell(speaker("node-c", "2"));
    expect(desired).toHaveLength(1);
    expect(source.events).toHaveLength(1);
  });

  it("hands over a table, another key, and the addresses of the other nodes, as they come", () => {
    const { desired, tell, sync } = start("node-a");
    tell(...world);
    sync();
    expect(desired.at(-1)?.secrets).toEqual([]);
    tell(ownershipKey);
    expect(desired.at(-1)?.secrets).toHaveLength(1);
    tell({ type: "delete", kind: "ownershipKey", key: "metallb-system/ingot-ownership-key" });
    expect(desired.at(-1)?.secrets).toHaveLength(1);
    const annotations = { "ingot.dev/owners": "7:node-c,node-a" };
    tell(put({ kind: "service", record: { ...web, annotations } }));
    expect(desired.at(-1)?.groups[0]?.table).toEqual(parseTable("7:node-c,node-a"));
    for (const [name, address] of [
      ["node-a", "192.168.1.1"],
      ["node-c", "192.168.1.3"],
    ] as const) {
      tell(put({ kind: "node", record: nodeRecord(name, { addresses: [address] }) }));
    }
    expect(desired.at(-1)?.neighbours).toEqual(["192.168.1.3"]);
  });

  it("says in one line who fell silent, for how long, and what is taken over", () => {
    const { tell, sync, hear, logger } = start("node-a");
    tell(...world);
    sync();
    const peer = { kind: "peer", node: "node-c", interface: "eth0" } as const;
    hear({ facts: [{ ...peer, state: "live", silentMs: 0 }] });
    hear({
      answering: [ADDRESS],
      facts: [
        { ...peer, state: "dead", silentMs: 231 },
        { kind: "claimed", address: ADDRESS, cause: "dead", from: "node-c" },
      ],
    });
    const told = logger.lines.map((line) => line.replace(/ \{.*/, ""));
    expect(told).toContain("info speaker is live");
    expect(told).toContain(
      `warn node-c is silent since 231 ms, taking over ${ADDRESS} for default/web`,
    );
    expect(logger.lines.at(-1)).toMatch(/answering.*"cause":"dead","from":"node-c"/);
  });

  it("does not take the silence of a node that took leave for a surprise", () => {
    const { tell, sync, hear, logger } = start("node-a");
    tell(...world);
    sync();
    tell(speaker("node-c", "2", false));
    const peer = { kind: "peer", node: "node-c", interface: "eth0" } as const;
    hear({ facts: [{ ...peer, state: "dead", silentMs: 300 }] });
    expect(logger.lines.at(-1)).toMatch(/^info speaker is gone/);
  });

  it("warns once when no eligible node has a wanted interface, and the others stay silent", () => {
    const eth9 = put({
      kind: "l2Advertisement",
      record: advertisementRecord("all", { interfaces: ["eth9"] }),
    });
    const live = (node: string) =>
      ({ kind: "peer", node, interface: "eth0", state: "live", silentMs: 0 }) as const;
    for (const [node, peer, warnings] of [
      ["node-a", "node-c", ["Warning announceFailed"]],
      ["node-c", "node-a", []],
    ] as const) {
      const { desired, source, hear, tell, sync } = start(node);
      hear({ facts: [live(peer)] });
      tell(...world, eth9);
      sync();
      tell(...world, eth9);
      expect(desired.at(-1)?.groups).toEqual([]);
      const told = () => source.events.map(({ type, reason }) => `${type} ${reason}`);
      expect(told()).toEqual(warnings);
      // Who would have said so is gone.
      hear({ facts: [{ ...live(peer), state: "dead" }] });
      expect(told()).toEqual(["Warning announceFailed"]);
    }
  });

  it("warns of no missing interface before the dataplane told which there are", () => {
    const { desired, source, loop, clock, tell, sync } = start("node-a", undefined, false);
    tell(...world.filter((event) => event.type !== "put" || event.kind !== "speaker"));
    sync();
    expect(source.events).toEqual([]);
    loop.setInterfaces(interfaces);
    clock.advance(0);
    expect(desired.map(eligible)).toEqual([[], ["node-a"]]);
    expect(source.events).toEqual([]);
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
    const { loop, clock, logger, source, contested, tell, sync, take } = start("node-a");
    tell(...world);
    const api = serviceRecord("default/api", { ingress: [ADDRESS] });
    tell(put({ kind: "endpointSlice", record: sliceRecord("api-1", api.key, ["node-b"]) }));
    tell(put({ kind: "service", record: api }));
    sync();
    take(ADDRESS);
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
    expect(contested).toEqual([[ADDRESS], []]);
  });

  it("says that a conflict is over as soon as the address is free again", () => {
    const { loop, clock, source, tell, sync, take, hear } = start("node-a");
    tell(...world);
    sync();
    take(ADDRESS);
    loop.see({ address: ADDRESS, mac: "02:00:00:00:00:99", interface: "eth0", kept: false });
    hear({ silenced: [ADDRESS] });
    expect(source.events.at(-1)?.message).toContain("has given it up");
    hear({ answering: [ADDRESS], facts: [{ kind: "resumed", address: ADDRESS }] });
    clock.advance(0);
    expect(source.events.map(({ reason }) => reason)).toContain("addressConflictEnded");
  });

  it("says nothing of a conflict about an address that it does not announce any more", () => {
    const { loop, clock, source, tell, sync, take, stop } = start("node-a");
    tell(...world);
    sync();
    take(ADDRESS);
    stop(ADDRESS);
    loop.see({ address: ADDRESS, mac: "02:00:00:00:00:99", interface: "eth0", kept: true });
    clock.advance(60_000);
    expect(source.events.map(({ reason }) => reason)).toEqual(["nodeAssigned"]);
  });

  it("starts from what was last known when the source cannot be reached", () => {
    const first = start("node-a");
    first.tell(...world, ownershipKey);
    first.sync();
    const again = start("node-a", first.kept.at(-1));
    again.tell({ type: "connection", kind: "service", connected: false, reason: "refused" });
    expect(again.desired.map(eligible)).toEqual([["node-a,node-c"]]);
    expect(again.desired[0]?.secrets).toHaveLength(1);
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
    expect(again.desired.map(eligible)).toEqual([["node-a,node-c"], []]);
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
