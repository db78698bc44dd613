import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { Heartbeat } from "./heartbeat.ts";
import { FakeSource } from "./testing/fake-source.ts";
import { KeepingLogger } from "./testing/keeping-logger.ts";

const eth0 = [{ name: "eth0", subnets: ["10.77.0.0/24"] }];

function start() {
  const source = new FakeSource();
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  const heartbeat = new Heartbeat({ source, clock, logger, node: "n1", durationMs: 3_000 });
  return { source, clock, logger, heartbeat };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe("heartbeat", () => {
  it("renews three times in the time that a renewal is good for", async () => {
    const { source, clock, heartbeat } = start();
    heartbeat.beat(eth0);
    await settled();
    for (let beat = 0; beat < 3; beat += 1) {
      clock.advance(1_000);
      await settled();
    }
    expect(source.leases).toEqual(
      Array(4).fill({ node: "n1", durationMs: 3_000, interfaces: eth0 }),
    );
  });

  it("tells other interfaces at once, also while a renewal is under way", async () => {
    const { source, heartbeat } = start();
    heartbeat.beat(eth0);
    heartbeat.beat([]);
    await settled();
    expect(source.leases.map(({ interfaces }) => interfaces.length)).toEqual([1, 0]);
  });

  it("tells at once which addresses are in conflict, and that none is any more", async () => {
    const { source, heartbeat } = start();
    heartbeat.setConflicts(["10.77.0.9"]);
    heartbeat.beat(eth0);
    await settled();
    heartbeat.setConflicts(["10.77.0.9"]);
    heartbeat.setConflicts([]);
    await settled();
    expect(source.leases.map(({ conflicts }) => conflicts)).toEqual([["10.77.0.9"], undefined]);
  });

  it("goes on after a failure, and says so once each way", async () => {
    const { source, clock, logger, heartbeat } = start();
    source.answers.push(new Error("refused"), new Error("refused"));
    heartbeat.beat(eth0);
    await settled();
    for (let beat = 0; beat < 3; beat += 1) {
      clock.advance(1_000);
      await settled();
    }
    expect(source.leases).toHaveLength(2);
    expect(logger.lines.map((line) => line.split(" ")[0])).toEqual(["warn", "info"]);
  });

  it("says goodbye when it stops, and beats no more", async () => {
    const { source, clock, heartbeat } = start();
    heartbeat.beat(eth0);
    await heartbeat.stop();
    heartbeat.beat(eth0);
    clock.advance(60_000);
    await settled();
    expect(source.released).toEqual(["n1"]);
    expect(source.leases).toHaveLength(1);
  });

  it("says no goodbye when it never said hello", async () => {
    const { source, heartbeat } = start();
    await heartbeat.stop();
    expect(source.released).toEqual([]);
  });
});
