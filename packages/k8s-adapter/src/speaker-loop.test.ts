import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import type { Announcement } from "./dataplane/messages.ts";
import { SpeakerMetrics } from "./observe/speaker-metrics.ts";
import type { Snapshot } from "./reconcile/world.ts";
import type { SourceEvent } from "./source/source.ts";
import { SPEAKER_KINDS, SpeakerLoop } from "./speaker-loop.ts";
import { FakeSource } from "./testing/fake-source.ts";
import { KeepingLogger } from "./testing/keeping-logger.ts";
import {
  advertisementRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "./testing/records.ts";

// MetalLB's published order for this address is a, c, b.
const ADDRESS = "192.168.1.240";
const interfaces = [{ name: "eth0", subnets: ["192.168.1.0/24"] }];
const web = serviceRecord("default/web", { ingress: [ADDRESS] });
const put = (event: Omit<SourceEvent & { type: "put" }, "type">): SourceEvent =>
  ({ type: "put", ...event }) as SourceEvent;
const speaker = (node: string, renewal = "1", held = true): SourceEvent => ({
  type: "put",
  kind: "speaker",
  record: speakerRecord(node, { interfaces, renewal, held }),
});
const world: readonly SourceEvent[] = [
  put({ kind: "pool", record: poolRecord("lan", ["192.168.1.0/24"]) }),
  put({ kind: "l2Advertisement", record: advertisementRecord("all") }),
  ...["node-a", "node-b", "node-c"].map((name) => put({ kind: "node", record: nodeRecord(name) })),
  speaker("node-a"),
  speaker("node-c"),
  put({ kind: "endpointSlice", record: sliceRecord("web-1", web.key, ["node-b"]) }),
  put({ kind: "service", record: web }),
];

function start(node: string, lastKnown?: Snapshot, knowsInterfaces = true) {
  const source = new FakeSource();
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  const metrics = new SpeakerMetrics(node, () => 0);
  const announced: (readonly Announcement[])[] = [];
  const kept: Snapshot[] = [];
  let ready = 0;
  const loop = new SpeakerLoop({
    source,
    clock,
    logger,
    metrics,
    node,
    wallClock: () => 0,
    lbClass: "",
    ignoreExcludeLb: false,
    announce: (announcements) => announced.push(announcements),
    learnt: (snapshot) => kept.push(snapshot()),
    lastKnown: () => lastKnown && { keptMs: 0, snapshot: lastKnown },
    ready: () => {
      ready += 1;
    },
  });
  loop.start();
  if (knowsInterfaces) loop.setInterfaces(interfaces);
  const tell = (...events: readonly SourceEvent[]) => {
    source.tell(...events);
    clock.advance(0);
  };
  const connect = () => {
    for (const kind of SPEAKER_KINDS)
      tell({ type: "connection", kind, connected: true, reason: "" });
  };
  const sync = () => {
    source.sync();
    clock.advance(0);
  };
  return {
    source,
    clock,
    logger,
    metrics,
    announced,
    kept,
    loop,
    tell,
    connect,
    sync,
    readied: () => ready,
  };
}

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
});
