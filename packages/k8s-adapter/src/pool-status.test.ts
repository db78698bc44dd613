import type { PoolStats } from "@ingot/allocator";
import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { PoolStatusWriter } from "./pool-status.ts";
import { FakeSource } from "./testing/fake-source.ts";
import { KeepingLogger } from "./testing/keeping-logger.ts";
import { poolRecord } from "./testing/records.ts";

function setUp() {
  const clock = new VirtualClock();
  const source = new FakeSource();
  const stats: PoolStats = {
    assignedIPv4: 1n,
    assignedIPv6: 0n,
    availableIPv4: 255n,
    availableIPv6: 2n ** 64n,
  };
  let record = poolRecord("lan", ["192.0.2.0/24"]);
  const current = { stats };
  const writer = new PoolStatusWriter({
    source,
    clock,
    logger: new KeepingLogger(),
    statsOf: () => current.stats,
    recordOf: () => record,
  });
  const second = async () => {
    clock.advance(1_000);
    await new Promise<void>((done) => setImmediate(done));
  };
  const says = (counters: typeof record.counters) => {
    record = { ...record, counters };
  };
  return { writer, source, current, second, says };
}

const counters = {
  assignedIPv4: 1,
  assignedIPv6: 0,
  availableIPv4: 255,
  availableIPv6: 9_223_372_036_854_775_000,
};

describe("the counters of a pool", () => {
  it("are written a second after a change, whatever changes meanwhile, and saturate", async () => {
    const { writer, source, second } = setUp();
    writer.touch("lan");
    writer.touch("lan");
    expect(source.poolStatuses).toEqual([]);
    await second();
    expect(source.poolStatuses).toEqual([{ key: "metallb-system/lan", counters }]);
  });

  it("are not written when the object says them already, in our words or in MetalLB's", async () => {
    const { writer, source, second, says } = setUp();
    says({ ...counters, availableIPv6: Number("9223372036854775807") });
    writer.touch("lan");
    await second();
    expect(source.poolStatuses).toEqual([]);
  });

  it("are written again once they differ", async () => {
    const { writer, source, current, second, says } = setUp();
    says(counters);
    current.stats = { ...current.stats, assignedIPv4: 2n, availableIPv4: 254n };
    writer.touch("lan");
    await second();
    expect(source.poolStatuses).toMatchObject([{ counters: { assignedIPv4: 2 } }]);
    await second();
    expect(source.poolStatuses).toHaveLength(1);
  });

  it("are tried again when a write failed", async () => {
    const { writer, source, second } = setUp();
    source.poolAnswers.push(new Error("no API server"));
    writer.touch("lan");
    await second();
    expect(source.poolStatuses).toEqual([]);
    await second();
    expect(source.poolStatuses).toHaveLength(1);
  });

  it("are left alone after the end", async () => {
    const { writer, source, second } = setUp();
    writer.touch("lan");
    await writer.close();
    await second();
    expect(source.poolStatuses).toEqual([]);
  });
});
