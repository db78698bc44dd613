import { Registry } from "prom-client";
import { expect, it } from "vitest";
import type { MeasuredPath } from "../bfd/watches.ts";
import { BfdMetrics } from "./bfd-metrics.ts";

function setUp() {
  const registry = new Registry();
  let paths: readonly MeasuredPath[] = [];
  new BfdMetrics(registry, () => paths);
  return async (...now: readonly MeasuredPath[]) => {
    paths = now;
    const lines = (await registry.metrics()).split("\n");
    const samples = lines.filter((line) => line.startsWith("metallb_bfd_"));
    return samples.map((line) => line.replace("metallb_bfd_", ""));
  };
}

const counters = {
  key: "a",
  controlReceived: 10,
  controlSent: 11,
  echoReceived: 20,
  echoSent: 21,
  ups: 2,
  downs: 1,
};
const path: MeasuredPath = { key: "a", peer: "192.0.2.7", isUp: true, counters };

it("measures each peer under MetalLB's names", async () => {
  expect((await setUp()(path)).sort()).toEqual([
    'control_packet_input{peer="192.0.2.7"} 10',
    'control_packet_output{peer="192.0.2.7"} 11',
    'echo_packet_input{peer="192.0.2.7"} 20',
    'echo_packet_output{peer="192.0.2.7"} 21',
    'session_down_events{peer="192.0.2.7"} 1',
    'session_up_events{peer="192.0.2.7"} 2',
    'session_up{peer="192.0.2.7"} 1',
  ]);
});

it("counts on over a session that begins anew", async () => {
  const read = setUp();
  await read(path);
  const again = await read({ ...path, isUp: false, counters: { ...counters, ups: 1 } });
  expect(again).toContain('session_up_events{peer="192.0.2.7"} 3');
  expect(again).toContain('session_up{peer="192.0.2.7"} 0');
});

it("takes the paths to one peer together", async () => {
  const read = setUp();
  const other = { ...path, key: "b", isUp: false };
  const both = await read(path, other);
  expect(both).toContain('session_up{peer="192.0.2.7"} 0');
  expect(both).toContain('session_up_events{peer="192.0.2.7"} 4');
  const one = await read(path);
  expect(one).toContain('session_up{peer="192.0.2.7"} 1');
  expect(one).toContain('session_up_events{peer="192.0.2.7"} 4');
});

it("begins with zeros and ends the series of a peer that is gone", async () => {
  const read = setUp();
  expect(await read({ ...path, counters: undefined })).toContain(
    'control_packet_input{peer="192.0.2.7"} 0',
  );
  expect(await read()).toEqual([]);
});
