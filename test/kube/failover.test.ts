import { setTimeout as sleep } from "node:timers/promises";
import { Cluster, type ClusterNode, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import {
  CONTROLLER,
  DEPLOY,
  ingressOf,
  resolveMac,
  SPEAKER,
  startController,
  startSpeaker,
} from "../support/ingot.ts";
import { Probe, type Seen } from "../support/probe.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.77.0.200-10.77.0.203, fd77::200-fd77::203] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: lan, namespace: metallb-system }
spec: { ipAddressPools: [lan] }
`;

/** Of others' business on this machine, a multiple of what it takes; of a lease, a fraction. */
const BOUND_MS = 1_500;
/** Long enough for a speaker that came back to take something, if it did that. */
const CALM_MS = 1_500;

suite("a node fails", ["netns", "testbed", "nft", "curl", "arping"], () => {
  let cluster: Cluster;
  let probe: Probe;
  const speakers = new Map<ClusterNode, LabProcess>();

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await startController(cluster);
    await Promise.all(cluster.nodes.map(start));
    await cluster.apply(configuration);
    // Each node sends what it gets to its own pod: who answers is who has the address.
    await cluster.service({
      name: "web",
      families: ["IPv4", "IPv6"],
      backends: cluster.nodes.map(({ backend }) => backend),
      spec: { externalTrafficPolicy: "Local" },
    });
    const addresses = await until(
      async () => {
        const ingress = await ingressOf(cluster, "web");
        return ingress.length === 2 ? ingress : undefined;
      },
      { timeoutMs: 10_000, what: "two addresses" },
    );
    for (const { netns, name } of cluster.nodes) {
      await until(
        async () => {
          const { stdout } = await netns.exec("nft", ["list", "ruleset"]);
          return addresses.every((address) => stdout.includes(address));
        },
        { timeoutMs: 30_000, what: `the rules of ${name}'s kube-proxy` },
      );
    }
    probe = await Probe.start(cluster.client.netns, addresses, 80);
  });

  afterAll(() => cluster?.close());

  beforeEach(() => probe.reset());

  /** The node that answers now, in both families, once the controller has followed what was before. */
  async function owner(): Promise<ClusterNode> {
    await until(
      async () => {
        probe.reset();
        await probe.answered();
        const { metadata } = await cluster.api.get("/api/v1/namespaces/default/services/web");
        const table = metadata.annotations?.["ingot.dev/owners"] ?? "";
        const [first] = table.replace(/^\d+:/, "").split(",");
        const holders = new Set(probe.seen().flatMap((seen) => seen.holders));
        return holders.size === 1 && first !== undefined && holders.has(first);
      },
      { timeoutMs: 15_000, what: "the table to begin with the node that answers" },
    );
    probe.reset();
    await probe.answered();
    const names = new Set(probe.seen().flatMap(({ holders }) => holders));
    const [name, ...others] = names;
    expect(others).toEqual([]);
    const found = cluster.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`${name} is no node`);
    probe.reset();
    return found;
  }

  async function start(node: ClusterNode): Promise<void> {
    // So that one can start while the API server is away.
    const state = `${cluster.lab.directory}/state-${node.name}`;
    speakers.set(node, await startSpeaker(cluster, node, ["--state-dir", state]));
  }

  /** What was seen since, once another node answers and all that was sent before is counted. */
  async function afterTakeoverFrom(node: ClusterNode): Promise<readonly Seen[]> {
    await probe.answered((name) => name !== node.name);
    await sleep(CALM_MS);
    return probe.seen();
  }

  function expectFailover(from: ClusterNode, seen: readonly Seen[]): void {
    for (const { outageMs, holders } of seen) {
      expect(outageMs).toBeLessThan(BOUND_MS);
      expect(holders).toHaveLength(2);
      expect(holders[0]).toBe(from.name);
    }
  }

  /** Nobody noticed anything since the last reset. */
  async function expectCalm(): Promise<void> {
    await sleep(CALM_MS);
    const seen = probe.seen();
    expect(seen.map(({ lost, holders }) => ({ lost, holders: holders.length }))).toEqual([
      { lost: 0, holders: 1 },
      { lost: 0, holders: 1 },
    ]);
  }

  it.each([1, 2])(
    "by a power failure: another answers soon, and it takes nothing back (round %i)",
    async () => {
      const failed = await owner();
      await failed.powerOff();
      speakers.get(failed)?.kill("SIGKILL");
      expectFailover(failed, await afterTakeoverFrom(failed));
      probe.reset();
      await failed.powerOn();
      await start(failed);
      await expectCalm();
    },
  );

  it("by a power failure while the API server is away: the same", async () => {
    const failed = await owner();
    await cluster.stopApiServer({ crash: true });
    try {
      probe.reset();
      await failed.powerOff();
      speakers.get(failed)?.kill("SIGKILL");
      expectFailover(failed, await afterTakeoverFrom(failed));
      probe.reset();
      await failed.powerOn();
      await start(failed);
      await expectCalm();
    } finally {
      await cluster.startApiServer();
    }
  });

  it("to reach the others, though its carrier stays: another answers, and one alone when it heals", async () => {
    const cut = await owner();
    await cut.partitionLan();
    expectFailover(cut, await afterTakeoverFrom(cut));
    probe.reset();
    await cut.healLan();
    await expectCalm();
  });

  it("in its speaker alone: who asks for the address is answered soon", async () => {
    const failed = await owner();
    const [address = ""] = await ingressOf(cluster, "web");
    speakers.get(failed)?.kill("SIGKILL");
    const since = performance.now();
    await until(async () => ![undefined, failed.mac].includes(await resolveMac(cluster, address)), {
      timeoutMs: 10_000,
      intervalMs: 1,
      what: "another node to answer",
    });
    // One request in vain takes arping a second.
    expect(performance.now() - since).toBeLessThan(BOUND_MS + 1_000);
    await probe.answered((name) => name !== failed.name);
    await start(failed);
  });

  it("in order: a speaker that is told to stop loses nothing", async () => {
    const leaving = await owner();
    await speakers.get(leaving)?.stop("SIGTERM", 5_000);
    const seen = await afterTakeoverFrom(leaving);
    expect(seen.map(({ lost }) => lost)).toEqual([0, 0]);
    expectFailover(leaving, seen);
    probe.reset();
    await start(leaving);
    await expectCalm();
  });
});
