import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { bfdTiming } from "../testing/bfd-net.ts";
import { group } from "../testing/hello-lan.ts";
import { Dataplane, type DataplaneThread } from "./dataplane.ts";
import type { MainMessage, WorkerMessage } from "./messages.ts";

class FakeThread implements DataplaneThread {
  readonly posted: MainMessage[] = [];
  terminated = false;
  readonly #listeners = new Map<string, (value: never) => void>();

  postMessage(message: MainMessage): void {
    this.posted.push(message);
  }

  on(event: string, listener: (value: never) => void): void {
    this.#listeners.set(event, listener);
  }

  async terminate(): Promise<void> {
    this.terminated = true;
  }

  say(message: WorkerMessage): void {
    this.#listeners.get("message")?.(message as never);
  }

  die(reason: string): void {
    this.#listeners.get("error")?.(new Error(reason) as never);
    this.#listeners.get("exit")?.(1 as never);
  }
}

function start() {
  const clock = new VirtualClock();
  const threads: FakeThread[] = [];
  const dataplane = new Dataplane({
    clock,
    spawn: () => {
      const thread = new FakeThread();
      threads.push(thread);
      return thread;
    },
  });
  const events: string[] = [];
  dataplane.on("up", () => events.push("up"));
  dataplane.on("down", (reason, ms) => events.push(`down ${reason} ${ms}`));
  dataplane.on("unable", (reason) => events.push(`unable ${reason}`));
  dataplane.on("conflict", ({ address, mac }) => events.push(`conflict ${address} ${mac}`));
  dataplane.on("interfaces", (interfaces) => events.push(`interfaces ${interfaces.length}`));
  dataplane.start();
  return { clock, threads, dataplane, events };
}

const nothing = { groups: [], secrets: [], neighbours: [] };
const wanted = { ...nothing, secrets: [new Uint8Array(32)] };

describe("dataplane", () => {
  it("hands over the whole desired state when the worker is ready, and each time it changes", () => {
    const { threads, dataplane, events } = start();
    dataplane.desire(wanted);
    expect(threads[0]?.posted).toEqual([]);
    threads[0]?.say({ type: "ready" });
    dataplane.desire(nothing);
    expect(threads[0]?.posted).toEqual([
      { type: "desired", ...wanted, gone: [] },
      { type: "desired", ...nothing, gone: [] },
    ]);
    expect(events).toEqual(["up"]);
  });

  it("starts a worker that died again, later and later, with the state it had", () => {
    const { clock, threads, dataplane, events } = start();
    dataplane.desire(wanted);
    threads[0]?.say({ type: "ready" });
    threads[0]?.die("boom");
    expect(dataplane.isUp).toBe(false);
    clock.advance(100);
    threads[1]?.die("again");
    clock.advance(200);
    threads[2]?.say({ type: "ready" });
    expect(threads[2]?.posted).toEqual([{ type: "desired", ...wanted, gone: [] }]);
    expect(events).toEqual([
      "up",
      "interfaces 0",
      "down boom 100",
      "interfaces 0",
      "down again 200",
      "up",
    ]);
  });

  it("starts with the shortest pause again once a worker did its work", () => {
    const { clock, threads, events } = start();
    threads[0]?.die("one");
    clock.advance(100);
    threads[1]?.say({ type: "interfaces", interfaces: [] });
    threads[1]?.die("two");
    expect(events.at(-1)).toBe("down two 100");
  });

  it("passes on that another host claims an address", () => {
    const { threads, events } = start();
    const sighting = {
      address: "10.0.0.1",
      mac: "02:00:00:00:00:99",
      interface: "eth0",
      kept: true,
    };
    threads[0]?.say({ type: "conflict", sighting });
    expect(events).toEqual(["conflict 10.0.0.1 02:00:00:00:00:99"]);
  });

  it("hands over the groups that changed alone, and to another worker all of them", () => {
    const { clock, threads, dataplane } = start();
    const [web, api] = ["web", "api"].map((name) => ({ ...group(["n1"]), name }));
    if (web === undefined || api === undefined) return;
    threads[0]?.say({ type: "ready" });
    dataplane.desire({ ...nothing, groups: [web, api] });
    const moved = { ...api, table: { epoch: 8, nodes: ["n1"] } };
    dataplane.desire({ ...nothing, groups: [web, moved] });
    dataplane.desire({ ...nothing, groups: [moved] });
    expect(threads[0]?.posted).toEqual([
      { type: "desired", ...nothing, groups: [web, api], gone: [] },
      { type: "desired", ...nothing, groups: [moved], gone: [] },
      { type: "desired", ...nothing, groups: [], gone: ["web"] },
    ]);
    threads[0]?.die("boom");
    clock.advance(100);
    threads[1]?.say({ type: "ready" });
    expect(threads[1]?.posted).toEqual([
      { type: "desired", ...nothing, groups: [moved], gone: [] },
    ]);
  });

  it("says nothing of what is desired before it knows", () => {
    const { threads } = start();
    threads[0]?.say({ type: "ready" });
    expect(threads[0]?.posted).toEqual([]);
  });

  it("has left when the worker says so, takes too long, or ended; at once when there is none", async () => {
    const { threads, dataplane } = start();
    await dataplane.leave();
    threads[0]?.say({ type: "ready" });
    const left = dataplane.leave();
    expect(threads[0]?.posted).toEqual([{ type: "leave" }]);
    threads[0]?.say({ type: "left" });
    await left;

    const stuck = start();
    stuck.threads[0]?.say({ type: "ready" });
    const given = stuck.dataplane.leave();
    stuck.clock.advance(1_200);
    await given;

    const dying = start();
    dying.threads[0]?.say({ type: "ready" });
    const lost = dying.dataplane.leave();
    dying.threads[0]?.die("boom");
    await lost;
  });

  it("passes on what came of ownership", () => {
    const { threads, dataplane } = start();
    const heard: unknown[] = [];
    dataplane.on("ownership", (news) => heard.push(news));
    dataplane.on("ownershipCounters", (counters) => heard.push(counters));
    const news = { answering: ["10.0.0.1"], silenced: [], facts: [], at: 1 };
    const counters = { received: 1, rejected: [], peers: [] };
    threads[0]?.say({ type: "ownership", news });
    threads[0]?.say({ type: "ownershipCounters", counters });
    expect(heard).toEqual([news, counters]);
  });

  it("passes on that it can never work", () => {
    const { threads, events } = start();
    threads[0]?.say({ type: "unable", reason: "needs CAP_NET_RAW" });
    expect(events).toEqual(["unable needs CAP_NET_RAW"]);
  });

  it("ends the worker when it is closed, and starts no other", async () => {
    const { clock, threads, dataplane } = start();
    threads[0]?.say({ type: "ready" });
    await dataplane.close();
    threads[0]?.die("terminated");
    clock.advance(60_000);
    expect(threads).toHaveLength(1);
    expect(threads[0]?.terminated).toBe(true);
  });

  it("hands over what BFD is to watch, also to the worker that comes after", () => {
    const { clock, threads, dataplane } = start();
    const paths = [watchedPath];
    threads[0]?.say({ type: "ready" });
    dataplane.watch(paths);
    expect(threads[0]?.posted.at(-1)).toEqual({ type: "watch", paths });
    threads[0]?.die("boom");
    clock.advance(10_000);
    threads[1]?.say({ type: "ready" });
    expect(threads[1]?.posted.at(-1)).toEqual({ type: "watch", paths });
    const seen: unknown[] = [];
    dataplane.on("path", (change) => seen.push(change));
    dataplane.on("pathCounters", (counters) => seen.push(counters));
    const change = { key: "a b", state: "up", reason: "" } as const;
    threads[1]?.say({ type: "path", change });
    threads[1]?.say({ type: "pathCounters", counters: [] });
    expect(seen).toEqual([change, []]);
  });

  it("ends when the worker has taken leave of those that BFD watched, or takes too long", async () => {
    const answering = start();
    answering.threads[0]?.say({ type: "ready" });
    answering.dataplane.watch([]);
    const closed = answering.dataplane.close();
    expect(answering.threads[0]?.terminated).toBe(false);
    answering.threads[0]?.say({ type: "watching" });
    await closed;
    expect(answering.threads[0]?.terminated).toBe(true);

    const stuck = start();
    stuck.threads[0]?.say({ type: "ready" });
    stuck.dataplane.watch([]);
    const given = stuck.dataplane.close();
    stuck.clock.advance(200);
    await given;
    expect(stuck.threads[0]?.terminated).toBe(true);
  });
});

const watchedPath = {
  localAddress: "192.0.2.1",
  remoteAddress: "192.0.2.2",
  multiHop: false,
  timing: bfdTiming(),
};
