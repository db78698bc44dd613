import { describe, expect, it } from "vitest";
import { ControllerMetrics } from "./controller-metrics.ts";
import type { MetricsText } from "./metrics.ts";
import { SpeakerMetrics } from "./speaker-metrics.ts";

/** The samples of one metric, as they stand in the text. */
async function samples(metrics: MetricsText, name: string): Promise<readonly string[]> {
  const text = await metrics.render();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

/** The samples of every metric whose name begins so. */
async function samplesOf(metrics: MetricsText, prefix: string): Promise<readonly string[]> {
  const text = await metrics.render();
  return text.split("\n").filter((line) => line.startsWith(prefix));
}

describe("metrics of both programs", () => {
  it("are in the text format, those of the process among them", async () => {
    const metrics = new ControllerMetrics(() => 0);
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await samples(metrics, "process_resident_memory_bytes")).toHaveLength(1);
  });

  it("count updates, errors and failures", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    metrics.countUpdate();
    metrics.countUpdate();
    metrics.countUpdateError();
    metrics.countReconcileFailure();
    expect(await samplesOf(metrics, "metallb_k8s_client_update")).toEqual([
      "metallb_k8s_client_updates_total 2",
      "metallb_k8s_client_update_errors_total 1",
    ]);
    expect(await samplesOf(metrics, "ingot_reconcile_")).toEqual([
      "ingot_reconcile_failures_total 1",
    ]);
  });

  it("tell of the configuration, and that it is in order again", async () => {
    const metrics = new ControllerMetrics(() => 0);
    const config = () => samplesOf(metrics, "metallb_k8s_client_config_");
    expect(await config()).toEqual([
      "metallb_k8s_client_config_loaded_bool 0",
      "metallb_k8s_client_config_stale_bool 0",
    ]);
    metrics.setConfigLoaded(true);
    metrics.setConfigStale(true);
    metrics.setRejected("pool", 2);
    expect(await config()).toEqual([
      "metallb_k8s_client_config_loaded_bool 1",
      "metallb_k8s_client_config_stale_bool 1",
    ]);
    expect(await samples(metrics, "ingot_rejected_objects")).toEqual([
      'ingot_rejected_objects{kind="pool"} 2',
    ]);
    metrics.setConfigStale(false);
    metrics.setRejected("pool", 0);
    expect((await config())[1]).toBe("metallb_k8s_client_config_stale_bool 0");
    expect(await samples(metrics, "ingot_rejected_objects")).toEqual([
      'ingot_rejected_objects{kind="pool"} 0',
    ]);
  });

  it("tell per kind whether the source is connected", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    metrics.setConnected("service", true);
    metrics.setConnected("node", true);
    metrics.setConnected("node", false);
    expect(await samples(metrics, "ingot_source_connected")).toEqual([
      'ingot_source_connected{kind="service"} 1',
      'ingot_source_connected{kind="node"} 0',
    ]);
  });

  it("tell how stale the world is at the time of asking", async () => {
    let now = 10_000;
    const metrics = new SpeakerMetrics("n1", () => now);
    const stale = () => samples(metrics, "ingot_world_stale_seconds");
    expect(await stale()).toEqual(["ingot_world_stale_seconds 0"]);
    metrics.setWorldStaleSince(8_500);
    expect(await stale()).toEqual(["ingot_world_stale_seconds 1.5"]);
    now = 12_000;
    expect(await stale()).toEqual(["ingot_world_stale_seconds 3.5"]);
    now = 1_000;
    expect(await stale()).toEqual(["ingot_world_stale_seconds 0"]);
    metrics.setWorldStaleSince(undefined);
    expect(await stale()).toEqual(["ingot_world_stale_seconds 0"]);
  });

  it("of two programs in one process are apart", async () => {
    const one = new ControllerMetrics(() => 0);
    const other = new ControllerMetrics(() => 0);
    one.countUpdate();
    expect(await samples(other, "metallb_k8s_client_updates_total")).toEqual([
      "metallb_k8s_client_updates_total 0",
    ]);
  });
});

describe("metrics of the controller", () => {
  it("tell size and use of each pool, and nothing of one that is gone", async () => {
    const metrics = new ControllerMetrics(() => 0);
    expect(await samplesOf(metrics, "metallb_allocator_")).toEqual([]);
    metrics.setPool("gone", { 4: { total: 1, inUse: 1 }, 6: { total: 0, inUse: 0 } });
    metrics.setPool("main", { 4: { total: 256, inUse: 3 }, 6: { total: 2 ** 63, inUse: 4 } });
    metrics.removePool("gone");
    expect((await samplesOf(metrics, "metallb_allocator_")).toSorted()).toEqual([
      'metallb_allocator_addresses_in_use_total{pool="main"} 7',
      'metallb_allocator_addresses_total{pool="main"} 9223372036854776000',
      'metallb_allocator_ipv4_addresses_in_use_total{pool="main"} 3',
      'metallb_allocator_ipv4_addresses_total{pool="main"} 256',
      'metallb_allocator_ipv6_addresses_in_use_total{pool="main"} 4',
      'metallb_allocator_ipv6_addresses_total{pool="main"} 9223372036854776000',
    ]);
  });

  it("tell how many Services wait", async () => {
    const metrics = new ControllerMetrics(() => 0);
    metrics.setWaitingServices(5);
    expect(await samples(metrics, "ingot_services_waiting")).toEqual(["ingot_services_waiting 5"]);
  });
});

describe("metrics of a speaker", () => {
  it("have a series for each announced address, until it is withdrawn", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    const announced = () => samples(metrics, "metallb_speaker_announced");
    const web = { service: "default/web", protocol: "layer2", ip: "192.0.2.1" } as const;
    metrics.announced(web);
    metrics.announced(web);
    metrics.announced({ ...web, ip: "2001:db8::1" });
    const series = (ip: string) =>
      `metallb_speaker_announced{service="default/web",protocol="layer2",node="n1",ip="${ip}"} 1`;
    expect(await announced()).toEqual([series("192.0.2.1"), series("2001:db8::1")]);
    metrics.withdrawn(web);
    expect(await announced()).toEqual([series("2001:db8::1")]);
  });

  it("tell of the dataplane", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    expect(await samples(metrics, "ingot_dataplane_up")).toEqual(["ingot_dataplane_up 0"]);
    metrics.setDataplaneUp(true);
    metrics.countDataplaneRestart();
    expect(await samplesOf(metrics, "ingot_dataplane_")).toEqual([
      "ingot_dataplane_up 1",
      "ingot_dataplane_restarts_total 1",
    ]);
  });

  const counts = (address: string, requestsReceived: number) => ({
    address,
    requestsReceived,
    responsesSent: requestsReceived,
    gratuitousSent: 10,
    conflicts: 2,
  });

  it("raise the layer 2 counters to what was counted", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    metrics.setAllLayer2([counts("192.0.2.1", 3)]);
    metrics.setAllLayer2([counts("192.0.2.1", 5)]);
    expect(await samplesOf(metrics, "metallb_layer2_")).toEqual([
      'metallb_layer2_requests_received{ip="192.0.2.1"} 5',
      'metallb_layer2_responses_sent{ip="192.0.2.1"} 5',
      'metallb_layer2_gratuitous_sent{ip="192.0.2.1"} 10',
    ]);
    expect(await samplesOf(metrics, "ingot_layer2_")).toEqual([
      'ingot_layer2_conflicts_total{ip="192.0.2.1"} 2',
    ]);
  });

  it.each([2, 4, 9])(
    "go on counting across a restart after which %i are counted",
    async (after) => {
      const metrics = new SpeakerMetrics("n1", () => 0);
      metrics.setAllLayer2([counts("192.0.2.1", 4)]);
      metrics.countDataplaneRestart();
      metrics.setAllLayer2([counts("192.0.2.1", after)]);
      expect(await samples(metrics, "metallb_layer2_requests_received")).toEqual([
        `metallb_layer2_requests_received{ip="192.0.2.1"} ${4 + after}`,
      ]);
    },
  );

  it("never let a counter fall, even if a count does", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    metrics.setAllLayer2([counts("192.0.2.1", 4)]);
    metrics.setAllLayer2([counts("192.0.2.1", 1)]);
    expect(await samples(metrics, "metallb_layer2_requests_received")).toEqual([
      'metallb_layer2_requests_received{ip="192.0.2.1"} 5',
    ]);
  });

  it("end the layer 2 series of an address that is given up, also across a restart", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    metrics.setAllLayer2([counts("192.0.2.1", 1), counts("192.0.2.2", 1), counts("192.0.2.3", 1)]);
    metrics.setAllLayer2([counts("192.0.2.2", 1), counts("192.0.2.3", 1)]);
    metrics.countDataplaneRestart();
    metrics.setAllLayer2([counts("192.0.2.3", 1)]);
    expect(await samples(metrics, "metallb_layer2_responses_sent")).toEqual([
      'metallb_layer2_responses_sent{ip="192.0.2.3"} 2',
    ]);
    metrics.setAllLayer2([]);
    expect(await samplesOf(metrics, "metallb_layer2_")).toEqual([]);
    expect(await samplesOf(metrics, "ingot_layer2_")).toEqual([]);
  });
});
