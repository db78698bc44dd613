import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { BgpMetrics, type MeasuredSession } from "./bgp-metrics.ts";

function setUp() {
  const registry = new Registry();
  let sessions: readonly MeasuredSession[] = [];
  new BgpMetrics(registry, () => sessions);
  return async (...now: readonly MeasuredSession[]) => {
    sessions = now;
    const text = await registry.metrics();
    const lines = text.split("\n").filter((line) => line.startsWith("metallb_bgp_"));
    return lines.map((line) => line.replace("metallb_bgp_", ""));
  };
}

const session: MeasuredSession = {
  peer: "10.0.0.1:179",
  isUp: true,
  updates: 3,
  announced: 10,
  wanted: 12,
};

it("measures each session under MetalLB's names", async () => {
  const read = setUp();
  expect((await read(session)).sort()).toEqual([
    'announced_prefixes_total{peer="10.0.0.1:179"} 10',
    'pending_prefixes_total{peer="10.0.0.1:179"} 2',
    'session_up{peer="10.0.0.1:179"} 1',
    'updates_total{peer="10.0.0.1:179"} 3',
  ]);
});

it("counts on over a session that begins anew", async () => {
  const read = setUp();
  await read(session);
  expect(await read({ ...session, updates: 5 })).toContain('updates_total{peer="10.0.0.1:179"} 5');
  expect(await read({ ...session, updates: 2 })).toContain('updates_total{peer="10.0.0.1:179"} 7');
});

it("ends the series of a peer that is gone", async () => {
  const read = setUp();
  await read(session);
  expect(await read()).toEqual([]);
});
