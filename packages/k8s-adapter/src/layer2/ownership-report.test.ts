import type { Fact } from "@ingot/ownership";
import { VirtualClock } from "@ingot/testkit";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { OwnershipMetrics } from "../observe/ownership-metrics.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { OwnershipReport } from "./ownership-report.ts";

function start() {
  const registry = new Registry();
  const logger = new KeepingLogger();
  const clock = new VirtualClock();
  const metrics = new OwnershipMetrics(registry);
  const report = new OwnershipReport({ clock, logger, metrics, servicesOf: () => ["default/web"] });
  return {
    report,
    clock,
    metrics,
    tell: (facts: readonly Fact[], at = 0, answering: readonly string[] = []) =>
      report.tell({ answering, silenced: [], facts, at }),
    said: () => logger.lines.map((line) => line.replace(/ \{.*/, "")),
    /** The values of the series that begin so. */
    series: async (prefix: string) =>
      (await registry.metrics())
        .split("\n")
        .filter((line) => line.startsWith(`ingot_ownership_${prefix}`))
        .map((line) => line.slice("ingot_ownership_".length)),
  };
}

const peer = (state: "live" | "suspect" | "dead", silentMs = 0): Fact => ({
  kind: "peer",
  node: "n2",
  interface: "eth0",
  state,
  silentMs,
});
const taken = (address: string): Fact => ({ kind: "claimed", address, cause: "dead", from: "n2" });

describe("the report of ownership", () => {
  it("measures how long it took to notice a death, and to take over", async () => {
    const { tell, series, said } = start();
    tell([peer("live")]);
    const causes = tell([peer("dead", 300), taken("10.0.0.1"), taken("10.0.0.2")], 5_000, [
      "10.0.0.1",
    ]);
    expect(causes("default/web")).toEqual({ cause: "dead", from: "n2" });
    expect(said()).toEqual([
      "info speaker is live",
      "warn n2 is silent since 300 ms, taking over 2 addresses",
    ]);
    expect(await series("detection_seconds_sum")).toEqual(["detection_seconds_sum 0.3"]);
    expect(await series("takeover_seconds_count")).toEqual(["takeover_seconds_count 2"]);
    expect(await series("holder")).toEqual(['holder{ip="10.0.0.1"} 1']);
    expect(await series("claims_total")).toEqual(['claims_total{cause="dead"} 2']);
    expect(await series("peer_up")).toEqual(['peer_up{peer="n2",interface="eth0"} 0']);
  });

  it("counts a later take-over from the last hello, too, and says nothing of mere suspicion", async () => {
    const { tell, series, said } = start();
    tell([peer("live")]);
    tell([peer("suspect", 250)], 1_000);
    tell([peer("live")], 1_010);
    tell([peer("dead", 300)], 5_000);
    tell([{ kind: "claimed", address: "10.0.0.1", cause: "backup", from: "n2" }], 5_300);
    expect(said()).toEqual([
      "info speaker is live",
      "warn n2 is silent since 300 ms",
      "warn n2 is silent since 600 ms, taking over 10.0.0.1 for default/web",
    ]);
    expect(await series("takeover_seconds_sum")).toEqual(["takeover_seconds_sum 0.6"]);
  });

  it("tells once of a holder that does not answer, and when it does again", async () => {
    const { tell, series, said } = start();
    const about = { address: "10.0.0.1", holder: "n2" };
    tell([{ kind: "proven", ...about }]);
    tell([{ kind: "silent", ...about }]);
    expect(await series("unreachable")).toEqual(['unreachable{ip="10.0.0.1",peer="n2"} 1']);
    tell([{ kind: "proven", ...about }]);
    tell([{ kind: "doubled", ...about, mac: 0x0200_0000_0099 }]);
    expect(await series("unreachable")).toEqual([]);
    expect(said()).toEqual([
      "warn n2 says hello, but does not answer for 10.0.0.1",
      "info n2 answers for 10.0.0.1 again",
      "warn 02:00:00:00:00:99 answers for 10.0.0.1, too, besides n2",
    ]);
    expect(await series("proofs_total")).toEqual([
      'proofs_total{result="proven"} 2',
      'proofs_total{result="silent"} 1',
      'proofs_total{result="doubled"} 1',
    ]);
  });

  it("says at most every 10 s that this node is not run in time", () => {
    const { tell, clock, said } = start();
    const late: Fact = { kind: "late", lateMs: 50, intervalMs: 125 };
    tell([late]);
    clock.advance(9_999);
    tell([late]);
    expect(said()).toHaveLength(1);
    clock.advance(1);
    tell([late]);
    expect(said()).toHaveLength(2);
  });

  it("counts conflicts and stops, and forgets what the dataplane knew when it ends", async () => {
    const { tell, report, series } = start();
    const mac = 0x0200_0000_0099;
    tell([peer("live"), { kind: "conflict", address: "10.0.0.1", mac, isKept: false }], 0, [
      "10.0.0.1",
    ]);
    tell([{ kind: "stopped", address: "10.0.0.1", cause: "outranked", to: "n2" }]);
    expect(await series("conflicts_total")).toEqual(['conflicts_total{kept="false"} 1']);
    expect(await series("stops_total")).toEqual(['stops_total{cause="outranked"} 1']);
    report.lose();
    expect([...(await series("holder")), ...(await series("peer_up"))]).toEqual([]);
  });

  it("has the dataplane's counts, also after it began anew", async () => {
    const { metrics, series } = start();
    const peers = [{ node: "n2", interface: "eth0", heard: 90, expected: 100 }];
    metrics.setCounters({ received: 100, rejected: [["forged", 7]], peers });
    expect(await series("hellos")).toEqual([
      "hellos_total 100",
      'hellos_rejected_total{reason="forged"} 7',
      'hellos_heard_total{peer="n2",interface="eth0"} 90',
      'hellos_lost_total{peer="n2",interface="eth0"} 10',
    ]);
    metrics.setCounters({ received: 5, rejected: [], peers: [] });
    expect(await series("hellos")).toEqual(["hellos_total 5"]);
  });
});
