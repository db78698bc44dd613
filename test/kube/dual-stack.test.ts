import { Cluster, type ClusterNode, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  CONTROLLER,
  DEPLOY,
  ingressOf,
  SPEAKER,
  startController,
  startSpeaker,
} from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: dual, namespace: metallb-system }
spec: { addresses: [10.77.0.200-10.77.0.209, "fd77::200-fd77::209"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all, namespace: metallb-system }
`;

suite("a dual-stack Service", ["netns", "testbed", "nft", "curl", "ndisc6"], () => {
  let cluster: Cluster;
  const speakers = new Map<string, LabProcess>();

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    await startController(cluster);
    for (const node of cluster.nodes) speakers.set(node.name, await speaker(node));
    await cluster.service({
      name: "web",
      backends: [cluster.routerBackend],
      families: ["IPv4", "IPv6"],
      spec: { ipFamilyPolicy: "RequireDualStack" },
    });
  });

  afterAll(() => cluster?.close());

  function speaker(node: ClusterNode): Promise<LabProcess> {
    return startSpeaker(cluster, node, [
      "--state-dir",
      `${cluster.lab.directory}/state-${node.name}`,
    ]);
  }

  async function owner(accept = (_: ClusterNode) => true): Promise<ClusterNode> {
    return until(
      async () => {
        const { stdout } = await cluster.client.netns.exec(
          "ndisc6",
          ["-1", "-q", "-r", "1", "-w", "500", "fd77::200", "eth0"],
          { allowFailure: true },
        );
        const mac = stdout.trim().toLowerCase();
        return cluster.nodes.find((node) => node.mac === mac && accept(node));
      },
      { timeoutMs: 20_000, what: "a node to answer a solicitation for fd77::200" },
    );
  }

  function reached(url: string): Promise<string> {
    return until(() => cluster.curl(url, 1_000), {
      timeoutMs: 15_000,
      what: `an answer from ${url}`,
    });
  }

  it("gets an address of each family from one pool", async () => {
    await until(async () => (await ingressOf(cluster, "web")).length === 2, {
      timeoutMs: 10_000,
      what: "two addresses",
    });
    expect(await ingressOf(cluster, "web")).toEqual(["10.77.0.200", "fd77::200"]);
  });

  it("is reached by both, through one node", async () => {
    expect(await reached("http://10.77.0.200/")).toBe("r1");
    expect(await reached("http://[fd77::200]/")).toBe("r1");
    const { stdout } = await cluster.client.netns.exec("ip", ["neighbour", "show"]);
    const macs = stdout
      .split("\n")
      .filter((line) => /^(10\.77\.0\.200|fd77::200) /.test(line))
      .map((line) => /lladdr (\S+)/.exec(line)?.[1]);
    expect(macs).toHaveLength(2);
    expect(new Set(macs).size).toBe(1);
  });

  it("is taken over for both when the cable of its node is cut", async () => {
    const first = await owner();
    await first.cutLan();
    const second = await owner((node) => node !== first);
    expect(await reached("http://[fd77::200]/")).toBe("r1");
    expect(await reached("http://10.77.0.200/")).toBe("r1");
    // The other may not have missed it, if the controller was faster.
    const heard = () =>
      speakers
        .get(first.name)
        ?.lines.filter((line) => line.includes(`"node":"${second.name}","interface":"eth0"`))
        .length;
    const before = heard();
    await first.healLan();
    await until(() => heard() !== before, {
      timeoutMs: 10_000,
      what: `${first.name} to hear ${second.name} again`,
    });
    // A node that returns takes nothing back.
    expect((await owner()).name).toBe(second.name);
  });

  it("is answered for by a speaker that starts while the API server is away, from its disk", async () => {
    const first = await owner();
    await cluster.stopApiServer();
    await speakers.get(first.name)?.stop("SIGKILL");
    // The others need no API server to take over, nor has the one that returns to be asked.
    await owner((node) => node !== first);
    speakers.set(first.name, await speaker(first));
    for (const [name, other] of speakers) if (name !== first.name) other.kill("SIGKILL");
    await owner((node) => node === first);
    expect(await reached("http://10.77.0.200/")).toBe("r1");
    expect(speakers.get(first.name)?.lines.join("\n")).toContain(
      "starting from what was last known",
    );
    await cluster.startApiServer();
  });
});
