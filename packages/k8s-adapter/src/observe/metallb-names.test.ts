import { describe, expect, it } from "vitest";
import type { MeasuredPath } from "../bfd/watches.ts";
import type { MeasuredSession } from "./bgp-metrics.ts";
import { ControllerMetrics } from "./controller-metrics.ts";
import type { MetricsText } from "./metrics.ts";
import { SpeakerMetrics } from "./speaker-metrics.ts";

// Dashboards and alerts know MetalLB's metrics by name, type and labels: all of native mode, and those
// of FRR mode for BFD. FRR's counts of messages by type have no counterpart.

const CLIENT = [
  "gauge metallb_k8s_client_config_loaded_bool",
  "gauge metallb_k8s_client_config_stale_bool",
  "counter metallb_k8s_client_update_errors_total",
  "counter metallb_k8s_client_updates_total",
];
const CONTROLLER = [
  "gauge metallb_allocator_addresses_in_use_total pool",
  "gauge metallb_allocator_addresses_total pool",
  "gauge metallb_allocator_ipv4_addresses_in_use_total pool",
  "gauge metallb_allocator_ipv4_addresses_total pool",
  "gauge metallb_allocator_ipv6_addresses_in_use_total pool",
  "gauge metallb_allocator_ipv6_addresses_total pool",
];
const SPEAKER = [
  "counter metallb_bfd_control_packet_input peer",
  "counter metallb_bfd_control_packet_output peer",
  "counter metallb_bfd_echo_packet_input peer",
  "counter metallb_bfd_echo_packet_output peer",
  "counter metallb_bfd_session_down_events peer",
  "gauge metallb_bfd_session_up peer",
  "counter metallb_bfd_session_up_events peer",
  "gauge metallb_bgp_announced_prefixes_total peer",
  "gauge metallb_bgp_pending_prefixes_total peer",
  "gauge metallb_bgp_session_up peer",
  "counter metallb_bgp_updates_total peer",
  "counter metallb_layer2_gratuitous_sent ip",
  "counter metallb_layer2_requests_received ip",
  "counter metallb_layer2_responses_sent ip",
  "gauge metallb_speaker_announced ip,node,protocol,service",
];

/** Type, name and labels of each of MetalLB's metrics that has a sample. */
async function shownBy(metrics: MetricsText): Promise<readonly string[]> {
  const lines = (await metrics.render()).split("\n");
  const types = new Map(
    lines.flatMap((line) => {
      const [, name, type] = /^# TYPE (metallb_\S+) (\S+)/.exec(line) ?? [];
      return name === undefined || type === undefined ? [] : [[name, type]];
    }),
  );
  return lines.flatMap((line) => {
    const [, name = "", labels = ""] = /^(metallb_\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).sort();
    return name === "" ? [] : [`${types.get(name)} ${name} ${names.join()}`.trim()];
  });
}

const byName = (names: readonly string[]) => [...names].sort();

describe("MetalLB's metrics", () => {
  it("of the controller, while there is a pool", async () => {
    const metrics = new ControllerMetrics(() => 0);
    const usage = { total: 2, inUse: 1 };
    metrics.setPool("lan", { 4: usage, 6: usage });
    expect(byName(await shownBy(metrics))).toEqual(byName([...CLIENT, ...CONTROLLER]));
    metrics.removePool("lan");
    expect(byName(await shownBy(metrics))).toEqual(byName(CLIENT));
  });

  it("of the speaker, while there is what they measure", async () => {
    const metrics = new SpeakerMetrics("n1", () => 0);
    const sessions: MeasuredSession[] = [];
    const paths: MeasuredPath[] = [];
    metrics.measureBgp(() => sessions);
    metrics.measureBfd(() => paths);
    const announced = { service: "default/web", protocol: "layer2", ip: "192.0.2.1" } as const;
    const counts = { requestsReceived: 1, responsesSent: 1, gratuitousSent: 2, conflicts: 0 };
    metrics.announced(announced);
    metrics.setAllLayer2([{ address: "192.0.2.1", ...counts }]);
    sessions.push({ peer: "10.0.0.1:179", isUp: true, updates: 1, announced: 1, wanted: 1 });
    paths.push({ key: "a", peer: "10.0.0.1", isUp: true, counters: undefined });
    expect(byName(await shownBy(metrics))).toEqual(byName([...CLIENT, ...SPEAKER]));
    metrics.withdrawn(announced);
    metrics.setAllLayer2([]);
    sessions.pop();
    paths.pop();
    expect(byName(await shownBy(metrics))).toEqual(byName(CLIENT));
  });
});
