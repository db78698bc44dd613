import { VirtualClock } from "@ingot/testkit";
import type { DesiredState, OwnershipNews } from "../dataplane/messages.ts";
import type { ServiceRecord, SpeakerInterface } from "../domain.ts";
import { SpeakerMetrics } from "../observe/speaker-metrics.ts";
import type { Snapshot } from "../reconcile/world.ts";
import type { SourceEvent } from "../source/source.ts";
import { SPEAKER_KINDS } from "../speaker-kinds.ts";
import { SpeakerLoop } from "../speaker-loop.ts";
import { FakeSession } from "./fake-session.ts";
import { FakeSource } from "./fake-source.ts";
import { KeepingLogger } from "./keeping-logger.ts";
import {
  advertisementRecord,
  keyRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "./records.ts";

/** MetalLB's published order for this address is a, c, b. */
export const ADDRESS = "192.168.1.240";
/** Of every node. */
export const interfaces: readonly SpeakerInterface[] = [
  { name: "eth0", subnets: ["192.168.1.0/24"] },
];
/** A Service that has the address. */
export const web: ServiceRecord = serviceRecord("default/web", { ingress: [ADDRESS] });
/** The event of a record that is there. */
export const put: (event: Omit<SourceEvent & { type: "put" }, "type">) => SourceEvent = (event) =>
  ({ type: "put", ...event }) as SourceEvent;
/** A speaker's sign of life. */
export function speaker(node: string, renewal = "1", held = true): SourceEvent {
  const record = speakerRecord(node, { interfaces, renewal, held });
  return { type: "put", kind: "speaker", record };
}
/** Three nodes, two of them with a speaker, and a Service that one of them serves. */
export const world: readonly SourceEvent[] = [
  put({ kind: "pool", record: poolRecord("lan", ["192.168.1.0/24"]) }),
  put({ kind: "l2Advertisement", record: advertisementRecord("all") }),
  ...["node-a", "node-b", "node-c"].map((name) => put({ kind: "node", record: nodeRecord(name) })),
  speaker("node-a"),
  speaker("node-c"),
  put({ kind: "endpointSlice", record: sliceRecord("web-1", web.key, ["node-b"]) }),
  put({ kind: "service", record: web }),
];

/** The key of the speakers. */
export const ownershipKey: SourceEvent = put({
  kind: "ownershipKey",
  record: keyRecord({ current: Buffer.alloc(32, 1).toString("base64") }),
});

/** What the dataplane is handed. */
export type Desired = DesiredState;

/** A loop, and everything around it. */
export interface SpeakerBench {
  readonly source: FakeSource;
  readonly clock: VirtualClock;
  readonly logger: KeepingLogger;
  readonly metrics: SpeakerMetrics;
  /** All that the dataplane was handed. */
  readonly desired: readonly Desired[];
  /** What was said, each time, of addresses that another host claims. */
  readonly contested: readonly (readonly string[])[];
  readonly kept: readonly Snapshot[];
  readonly sessions: readonly FakeSession[];
  readonly loop: SpeakerLoop;
  readonly tell: (...events: readonly SourceEvent[]) => void;
  /** The source says that it is connected. */
  readonly connect: () => void;
  /** The dataplane says what came of ownership. */
  readonly hear: (news: Partial<OwnershipNews>) => void;
  /** The same: it claims addresses and answers for them, or stops to. */
  readonly take: (...addresses: readonly string[]) => void;
  readonly stop: (...addresses: readonly string[]) => void;
  /** The source has listed everything. */
  readonly sync: () => void;
  /** How often the loop said that it is ready. */
  readonly readied: () => number;
}

/** A loop at work on a fake source, in virtual time. */
export function start(node: string, lastKnown?: Snapshot, knowsInterfaces = true): SpeakerBench {
  const source = new FakeSource();
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  const metrics = new SpeakerMetrics(node, () => 0);
  const desired: Desired[] = [];
  const contested: (readonly string[])[] = [];
  const kept: Snapshot[] = [];
  const sessions: FakeSession[] = [];
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
    openSession: (settings) => {
      const session = new FakeSession(settings);
      sessions.push(session);
      return session;
    },
    desire: (wanted) => desired.push(wanted),
    contested: (addresses) => contested.push(addresses),
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
  const hear = (news: Partial<OwnershipNews>) => {
    loop.hear({ answering: [], silenced: [], facts: [], at: clock.now(), ...news });
    clock.advance(0);
  };
  const take = (...addresses: readonly string[]) =>
    hear({
      answering: addresses,
      facts: addresses.map((address) => ({
        kind: "claimed",
        address,
        cause: "unclaimed",
        from: undefined,
      })),
    });
  const stop = (...addresses: readonly string[]) =>
    hear({
      silenced: addresses,
      facts: addresses.map((address) => ({
        kind: "stopped",
        address,
        cause: "outranked",
        to: "node-c",
      })),
    });
  const sync = () => {
    source.sync({ key: false });
    clock.advance(0);
  };
  return {
    source,
    clock,
    logger,
    metrics,
    desired,
    contested,
    kept,
    sessions,
    loop,
    tell,
    connect,
    hear,
    take,
    stop,
    sync,
    readied: () => ready,
  };
}
