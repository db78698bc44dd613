import { Cluster, type ClusterNode, type LabProcess, sumMetric, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addressOf,
  CONTROLLER,
  DEPLOY,
  fetchInside,
  ingressOf,
  resolveMac,
  SPEAKER,
  startController,
  startSpeaker,
} from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.77.0.200-10.77.0.203] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: lan, namespace: metallb-system }
spec: { ipAddressPools: [lan] }
`;

suite(
  "a Service gets an address and a client reaches it",
  ["netns", "testbed", "nft", "curl", "arping"],
  () => {
    let cluster: Cluster;
    let controller: LabProcess;
    const speakers = new Map<string, LabProcess>();

    beforeAll(async () => {
      cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER] });
      await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
      controller = await startController(cluster);
      for (const node of cluster.nodes) speakers.set(node.name, await startSpeaker(cluster, node));
      await cluster.apply(configuration);
    });

    afterAll(() => cluster?.close());

    /** The node whose hardware address the client finds; asked until one that `accept`s answers. */
    async function owner(address: string, accept = (_: ClusterNode) => true): Promise<ClusterNode> {
      return until(
        async () => {
          const mac = await resolveMac(cluster, address);
          return cluster.nodes.find((node) => node.mac === mac && accept(node));
        },
        { timeoutMs: 20_000, what: `a node to answer ARP for ${address}` },
      );
    }

    /** Returns when a speaker hears another again, after whatever `happen` did to it. */
    async function heardAgain(by: ClusterNode, other: ClusterNode, happen: () => Promise<void>) {
      const line = new RegExp(`"node":"${other.name}","interface":"eth0".*"speaker is live"`);
      const times = () =>
        speakers.get(by.name)?.lines.filter((text) => line.test(text)).length ?? 0;
      const before = times();
      await happen();
      await until(() => times() > before, {
        timeoutMs: 10_000,
        what: `${by.name} to hear ${other.name}`,
      });
    }

    function reached(address: string): Promise<string> {
      return until(() => cluster.curl(`http://${address}/`, 1_000), {
        timeoutMs: 15_000,
        what: `an answer from http://${address}/`,
      });
    }

    async function eventsOf(name: string): Promise<readonly string[]> {
      const events = await cluster.api.list<EventObject>("/api/v1/namespaces/default/events");
      return events
        .filter((event) => event.involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`);
    }

    async function web(name: string, spec: object = {}, annotations: Record<string, string> = {}) {
      const backends = [cluster.routerBackend, ...cluster.nodes.map((node) => node.backend)];
      await cluster.service({ name, backends, spec: { ...spec }, annotations });
    }

    it("from the pool, in one status write, with an annotation and an event", async () => {
      await web("first");
      expect(await addressOf(cluster, "first")).toBe("10.77.0.200");
      const service = await cluster.api.get("/api/v1/namespaces/default/services/first");
      expect(service.metadata.annotations).toMatchObject({
        "metallb.io/ip-allocated-from-pool": "lan",
      });
      await until(async () => (await eventsOf("first")).length >= 2, {
        timeoutMs: 5_000,
        what: "events of controller and speaker",
      });
      expect([...(await eventsOf("first"))].sort()).toEqual([
        'IPAllocated: Assigned IP ["10.77.0.200"]',
        expect.stringMatching(
          /^nodeAssigned: announcing from node "n[123]" with protocol "layer2"$/,
        ),
      ]);
    });

    it("and its one node answers ARP, through kube-proxy to a backend", async () => {
      await owner("10.77.0.200");
      expect(await reached("10.77.0.200")).toMatch(/^(n1|n2|n3|r1)$/);
    });

    it("and the programs are allowed no more than what their roles say", async () => {
      for (const as of [CONTROLLER, SPEAKER]) {
        const { stdout } = await cluster.kubectl(["auth", "can-i", "get", "secrets", "-A"], {
          as,
          allowFailure: true,
        });
        expect(stdout.trim()).toBe("no");
      }
      expect(controller.lines.filter((line) => /forbidden/i.test(line))).toEqual([]);
      for (const speaker of speakers.values()) {
        expect(speaker.lines.filter((line) => /forbidden/i.test(line))).toEqual([]);
      }
    });

    it("and nothing is written in a steady state but signs of life", async () => {
      // Once the speakers that have just started are known, it says who answers.
      const { name } = await owner("10.77.0.200");
      await until(
        async () => {
          const { metadata } = await cluster.api.get("/api/v1/namespaces/default/services/first");
          return metadata.annotations?.["ingot.dev/owners"]?.includes(`:${name}`);
        },
        { timeoutMs: 20_000, what: `a table that begins with ${name}` },
      );
      const writes = async () => {
        const samples = await cluster.api.metrics();
        const of = (resource: string) =>
          ["POST", "PUT", "PATCH", "APPLY", "DELETE"].reduce(
            (sum, verb) => sum + sumMetric(samples, "apiserver_request_total", { verb, resource }),
            0,
          );
        return { services: of("services"), events: of("events"), leases: of("leases") };
      };
      const before = await writes();
      await until(async () => (await writes()).leases >= before.leases + 6, {
        timeoutMs: 30_000,
        what: "a few renewals of the speakers' leases",
      });
      expect(await writes()).toMatchObject({ services: before.services, events: before.events });
    });

    it("and the owner's cable is cut: another node answers, and the client is served", async () => {
      const first = await owner("10.77.0.200");
      await first.cutLan();
      const second = await owner("10.77.0.200", (node) => node !== first);
      expect(second.name).not.toBe(first.name);
      expect(await reached("10.77.0.200")).not.toBe(first.name);
      // A node that returns takes nothing back.
      await heardAgain(first, second, () => first.healLan());
      expect(await resolveMac(cluster, "10.77.0.200")).toBe(second.mac);
    });

    it("and the owner is killed with its power cut: another node answers", async () => {
      const first = await owner("10.77.0.200");
      speakers.get(first.name)?.kill("SIGKILL");
      await first.powerOff();
      const second = await owner("10.77.0.200", (node) => node !== first);
      await heardAgain(second, first, async () => {
        await first.powerOn();
        speakers.set(first.name, await startSpeaker(cluster, first));
      });
      expect(await resolveMac(cluster, "10.77.0.200")).toBe(second.mac);
    });

    it("and a speaker that is told to stop hands over before it falls silent", async () => {
      const first = await owner("10.77.0.200");
      await speakers.get(first.name)?.stop("SIGTERM", 5_000);
      const exit = await speakers.get(first.name)?.exited;
      expect(exit).toEqual({ code: 0, signal: null });
      // It is gone, and the address is answered for without a wait.
      const mac = await resolveMac(cluster, "10.77.0.200");
      expect(cluster.nodes.find((node) => node.mac === mac)?.name).not.toBe(first.name);
      const second = cluster.nodes.find((node) => node.mac === mac);
      if (second === undefined) throw new Error(`no node has ${mac}`);
      await heardAgain(second, first, async () => {
        speakers.set(first.name, await startSpeaker(cluster, first));
      });
      expect(await resolveMac(cluster, "10.77.0.200")).toBe(second.mac);
    });

    it("and the API server is away for a while: nothing is lost, and what comes later is served", async () => {
      const before = await owner("10.77.0.200");
      await cluster.stopApiServer();
      expect(await resolveMac(cluster, "10.77.0.200")).toBe(before.mac);
      expect(await reached("10.77.0.200")).toMatch(/^(n1|n2|n3|r1)$/);
      await cluster.startApiServer();
      await web("second");
      expect(await addressOf(cluster, "second")).toBe("10.77.0.201");
      expect(await ingressOf(cluster, "first")).toEqual(["10.77.0.200"]);
      await owner("10.77.0.201");
      expect(await reached("10.77.0.201")).toMatch(/^(n1|n2|n3|r1)$/);
    });

    it("and the controller starts anew over what is there, and changes nothing", async () => {
      const version = async () =>
        (await cluster.api.get("/api/v1/namespaces/default/services/first")).metadata
          .resourceVersion;
      const before = await version();
      await controller.stop("SIGTERM", 5_000);
      controller = await startController(cluster, "controller-again");
      await web("third");
      expect(await addressOf(cluster, "third")).toBe("10.77.0.202");
      expect(await version()).toBe(before);
    });

    it("and it is told why it gets none: outside every pool, of no pool, exhausted", async () => {
      await web("outside", {}, { "metallb.io/loadBalancerIPs": "192.0.2.9" });
      await web("nowhere", {}, { "metallb.io/address-pool": "dmz" });
      await web("fourth");
      expect(await addressOf(cluster, "fourth")).toBe("10.77.0.203");
      await web("fifth");
      const told = async (name: string) =>
        until(
          async () => (await eventsOf(name)).find((event) => event.startsWith("AllocationFailed")),
          {
            timeoutMs: 5_000,
            what: `an event on ${name}`,
          },
        );
      expect(await told("outside")).toBe(
        'AllocationFailed: Failed to allocate IP for "default/outside": ["192.0.2.9"] (metallb.io/loadBalancerIPs) is not allowed in config: no IPAddressPool holds 192.0.2.9',
      );
      expect(await told("nowhere")).toContain('unknown pool "dmz"');
      expect(await told("fifth")).toContain("no available IPs");
    });

    it("and a pool that overlaps is refused by name, while the others go on", async () => {
      await cluster.apply(`
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: overlapping, namespace: metallb-system }
spec: { addresses: [10.77.0.203/32] }
`);
      await controller.waitForLine(/overlaps with already defined CIDR/, 5_000);
      const metrics = await fetchInside(cluster.controlPlane, "http://127.0.0.1:9120/metrics");
      expect(metrics).toContain("metallb_k8s_client_config_stale_bool 1");
      await cluster.kubectl(["delete", "ipaddresspool", "-n", "metallb-system", "overlapping"]);
      await controller.waitForLine(/no longer wrong/, 5_000);
    });

    it("and it is deleted: silence, and the one that waited is served", async () => {
      await cluster.deleteService("first");
      expect(await addressOf(cluster, "fifth")).toBe("10.77.0.200");
      await cluster.deleteService("fifth");
      await until(async () => (await resolveMac(cluster, "10.77.0.200")) === undefined, {
        timeoutMs: 5_000,
        what: "nobody to answer for 10.77.0.200",
      });
      await expect(cluster.curl("http://10.77.0.200/", 500)).rejects.toThrow();
    });
  },
);

interface EventObject {
  readonly metadata: { readonly name: string };
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly message: string;
}
