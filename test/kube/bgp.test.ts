import { Bird, Cluster, type ClusterNode, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addressOf,
  CONTROLLER,
  DEPLOY,
  fetchInside,
  SPEAKER,
  startController,
  startSpeaker,
} from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const PASSWORD = "lab-key";
const FAMILIES = ["IPv4", "IPv6"] as const;

suite(
  "the LAN's router learns Services by BGP",
  ["netns", "testbed", "nft", "curl", "bird"],
  () => {
    let cluster: Cluster;
    let bird: Bird;
    const speakers = new Map<string, LabProcess>();

    beforeAll(async () => {
      cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER] });
      await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
      // Which node a connection goes to depends on its ports.
      await cluster.router.netns.sysctl("net.ipv4.fib_multipath_hash_policy", 1);
      await cluster.router.netns.sysctl("net.ipv6.fib_multipath_hash_policy", 1);
      bird = await Bird.start(cluster.router.netns, {
        directory: cluster.lab.directory,
        name: "router",
        config: routerConfig(cluster),
      });
      await cluster.apply(configuration(cluster));
      await startController(cluster);
      for (const node of cluster.nodes) speakers.set(node.name, await startSpeaker(cluster, node));
    });

    afterAll(() => cluster?.close());

    /** The nodes that the router's kernel sends packets for a prefix to, by name. */
    async function nextHops(prefix: string): Promise<readonly string[]> {
      const args = [prefix.includes(":") ? "-6" : "-4", "route", "show", prefix];
      const { stdout } = await cluster.router.netns.exec("ip", args);
      return cluster.nodes
        .filter(({ ipv4, ipv6 }) =>
          stdout.split(/\s+/).some((word) => word === ipv4 || word === ipv6),
        )
        .map(({ name }) => name);
    }

    function routed(prefix: string, ...nodes: readonly string[]): Promise<unknown> {
      return until(async () => (await nextHops(prefix)).join() === nodes.join(), {
        timeoutMs: 15_000,
        intervalMs: 20,
        what: `the router to reach ${prefix} through ${nodes.join() || "nobody"}`,
      });
    }

    const web = (name: string, backends: readonly ClusterNode[], spec: object = {}) =>
      cluster.service({
        name,
        families: FAMILIES,
        backends: backends.map((node) => node.backend),
        spec: { ipFamilyPolicy: "RequireDualStack", ...spec },
      });

    it("through every node, for both families, with the communities asked for", async () => {
      await web("first", cluster.nodes);
      expect(await addressOf(cluster, "first")).toBe("192.0.2.0");
      await routed("192.0.2.0", "n1", "n2", "n3");
      await routed("2001:db8::", "n1", "n2", "n3");
      const route = await bird.ask("show route all 192.0.2.0/32");
      expect(route).toMatch(/BGP\.community: \(64512,7\)/);
      expect(route).toMatch(/BGP\.large_community: \(64512, 1, 2\)/);
    });

    it("and the client's connections reach backends through all three nodes", async () => {
      await web("local", cluster.nodes, { externalTrafficPolicy: "Local" });
      const address = await addressOf(cluster, "local");
      await routed(address, "n1", "n2", "n3");
      // Under policy Local the node that a connection arrives at is the node that answers.
      const seen = new Set<string>();
      await until(
        async () => {
          seen.add(await cluster.curl(`http://${address}/`));
          return seen.size === 3;
        },
        { timeoutMs: 20_000, intervalMs: 0, what: "an answer from each of the three nodes" },
      );
      expect([...seen].sort()).toEqual(["n1", "n2", "n3"]);
    });

    it("and an endpoint is gone under policy Local: its node's route goes, the others stay", async () => {
      const [, n2, n3] = cluster.nodes;
      if (n2 === undefined || n3 === undefined) throw new Error("three nodes are needed");
      await web("local", [n2, n3], { externalTrafficPolicy: "Local" });
      await routed(await addressOf(cluster, "local"), "n2", "n3");
      await routed("192.0.2.0", "n1", "n2", "n3");
    });

    it("and metrics and events are those of MetalLB", async () => {
      const [n1] = cluster.nodes;
      if (n1 === undefined) throw new Error("a node is needed");
      const metrics = await fetchInside(n1.netns, "http://127.0.0.1:9120/metrics");
      const { ipv4, ipv6 } = cluster.router;
      expect(metrics).toContain(`metallb_bgp_session_up{peer="${ipv4}:179"} 1`);
      expect(metrics).toContain(`metallb_bgp_session_up{peer="[${ipv6}]:179"} 1`);
      expect(metrics).toMatch(/metallb_speaker_announced\{.*protocol="bgp".*\} 1/);
      const said = 'announcing from node "n1" with protocol "bgp"';
      await until(
        async () => {
          const path = "/api/v1/namespaces/default/events";
          const events = await cluster.api.list<EventObject>(path);
          return events.some(({ message }) => message === said);
        },
        { timeoutMs: 10_000, what: `an Event "${said}"` },
      );
    });

    it("and a peer that is wrong disturbs nobody, and is said", async () => {
      await cluster.apply(`
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: nobody, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64999, peerAddress: 10.77.0.99, password: wrong }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: later, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64999, peerAddress: 10.77.0.98, vrf: red, bfdProfile: fast }
`);
      const speaker = speakers.get("n1");
      await speaker?.waitForLine(
        /spec\.bfdProfile together with spec\.vrf is not supported yet/,
        10_000,
      );
      await web("second", cluster.nodes);
      await routed(await addressOf(cluster, "second"), "n1", "n2", "n3");
      await cluster.kubectl(["-n", "metallb-system", "delete", "bgppeer", "nobody", "later"]);
    });

    it("and a speaker stops: its routes go with a word for the router's operator", async () => {
      const speaker = speakers.get("n3");
      await speaker?.stop();
      await routed("192.0.2.0", "n1", "n2");
      expect(bird.process.lines.join("\n")).toMatch(/Administrative shutdown.*speaker on n3 stops/);
      const [, , n3] = cluster.nodes;
      if (n3 === undefined) throw new Error("three nodes are needed");
      speakers.set("n3", await startSpeaker(cluster, n3));
      await routed("192.0.2.0", "n1", "n2", "n3");
    });

    it("and the router starts anew: all routes come back", async () => {
      await bird.stop("SIGKILL");
      bird = await Bird.start(cluster.router.netns, {
        directory: cluster.lab.directory,
        name: "router",
        config: routerConfig(cluster),
      });
      await routed("192.0.2.0", "n1", "n2", "n3");
    });

    it("and nothing but signs of life is written meanwhile, and no UPDATE is sent", async () => {
      const updates = async () => {
        const texts = await Promise.all(
          cluster.nodes.map(({ netns }) => fetchInside(netns, "http://127.0.0.1:9120/metrics")),
        );
        return texts.map((text) => /metallb_bgp_updates_total\{.*\} \d+/.exec(text)?.[0]);
      };
      const before = await updates();
      const leases = async () => {
        const [lease] = await cluster.api.list<LeaseObject>(
          "/apis/coordination.k8s.io/v1/namespaces/metallb-system/leases",
        );
        return lease?.metadata.resourceVersion;
      };
      const first = await leases();
      await until(async () => (await leases()) !== first, {
        timeoutMs: 10_000,
        what: "a renewal of a lease",
      });
      expect(await updates()).toEqual(before);
    });

    it("and the Services are deleted: all routes go", async () => {
      for (const name of ["first", "second", "local"]) await cluster.deleteService(name);
      await until(async () => !/192\.0\.2\.|2001:db8::/.test(await bird.ask("show route")), {
        timeoutMs: 15_000,
        what: "the router to have no route left",
      });
      await routed("192.0.2.0");
    });
  },
);

interface EventObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly message: string;
}

interface LeaseObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

/** BIRD as the LAN's router: a session a node and family, and equal ways into the kernel. */
function routerConfig(cluster: Cluster): string {
  const { ipv4, ipv6 } = cluster.router;
  const sessions = cluster.nodes.flatMap((node) => [
    session(`${node.name}v4`, ipv4, node.ipv4, "ipv4"),
    session(`${node.name}v6`, ipv6, node.ipv6, "ipv6"),
  ]);
  return `log stderr all; router id ${ipv4};
protocol device { scan time 1; }
protocol kernel { ipv4 { import none; export all; }; merge paths on; }
protocol kernel { ipv6 { import none; export all; }; merge paths on; }
${sessions.join("\n")}
`;
}

function session(name: string, own: string, peer: string, family: string): string {
  return `protocol bgp ${name} {
  local ${own} as 64513; neighbor ${peer} as 64512; password "${PASSWORD}"; passive;
  ${family} { import all; export none; };
}`;
}

function configuration(cluster: Cluster): string {
  const { ipv4, ipv6 } = cluster.router;
  return `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: routed, namespace: metallb-system }
spec: { addresses: [192.0.2.0/28, "2001:db8::/124"] }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: routed, namespace: metallb-system }
spec: { ipAddressPools: [routed], communities: [rack, "large:64512:1:2"] }
---
apiVersion: metallb.io/v1beta1
kind: Community
metadata: { name: names, namespace: metallb-system }
spec: { communities: [{ name: rack, value: "64512:7" }] }
---
apiVersion: v1
kind: Secret
metadata: { name: router, namespace: metallb-system }
type: kubernetes.io/basic-auth
stringData: { username: "", password: ${PASSWORD} }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router-v4, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64513, peerAddress: ${ipv4}, holdTime: 9s, passwordSecret: { name: router } }
---
apiVersion: metallb.io/v1beta1
kind: BGPPeer
metadata: { name: router-v6, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64513, peerAddress: "${ipv6}", holdTime: 9s, password: ${PASSWORD} }
`;
}
