import { Cluster, type ClusterNode, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addressOf,
  CONTROLLER,
  DEPLOY,
  SPEAKER,
  startController,
  startSpeaker,
} from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.77.0.200-10.77.0.220] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: lan, namespace: metallb-system }
spec: { interfaces: [eth0] }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: lan, namespace: metallb-system }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: tor, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64513, peerAddress: 10.77.0.99 }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: n1-only, namespace: metallb-system }
spec:
  myASN: 64512
  peerASN: 64514
  peerAddress: 10.77.0.98
  nodeSelectors: [{ matchLabels: { kubernetes.io/hostname: n1 } }]
`;

suite("what is announced where, as objects", ["netns", "testbed", "nft", "curl"], () => {
  let cluster: Cluster;
  let nodes: readonly [ClusterNode, ClusterNode];
  const speakers = new Map<string, LabProcess>();

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 2, serviceAccounts: [CONTROLLER, SPEAKER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    await startController(cluster);
    nodes = cluster.nodes as readonly ClusterNode[] as [ClusterNode, ClusterNode];
    for (const node of nodes) await speak(node);
  });

  afterAll(() => cluster?.close());

  async function speak(node: ClusterNode): Promise<void> {
    await cluster.apply(pod(node.name));
    speakers.set(
      node.name,
      await startSpeaker(cluster, node, ["--pod-name", `speaker-${node.name}`]),
    );
  }

  const web = (name: string) =>
    cluster.service({ name, backends: nodes.map((node) => node.backend) });

  const listed = async (plural: string) =>
    await cluster.api.list<StatusObject>(
      `/apis/metallb.io/v1beta1/namespaces/metallb-system/${plural}`,
    );
  const holders = async (service: string) =>
    (await listed("servicel2statuses")).flatMap(({ status }) =>
      status?.serviceName === service ? status : [],
    );
  const holder = (service: string): Promise<Status> =>
    until(async () => (await holders(service))[0], {
      timeoutMs: 15_000,
      intervalMs: 50,
      what: `a ServiceL2Status of ${service}`,
    });

  it("one node says that it answers, every node says to which routers it announces", async () => {
    await web("first");
    await addressOf(cluster, "first");
    expect(await holder("first")).toMatchObject({
      serviceNamespace: "default",
      interfaces: [{ name: "eth0" }],
    });
    const peers = async () =>
      (await listed("servicebgpstatuses"))
        .map(({ status }) => `${status?.node} ${status?.serviceName} ${status?.peers?.join()}`)
        .sort();
    await until(async () => (await peers()).length === 2, { timeoutMs: 5_000, what: "both nodes" });
    expect(await peers()).toEqual(["n1 first n1-only,tor", "n2 first tor"]);
  });

  it("with MetalLB's labels and columns, owned by the speaker's Pod", async () => {
    const { node } = await holder("first");
    const selector = `metallb.io/service-name=first,metallb.io/service-namespace=default,metallb.io/node=${node}`;
    const get = async (what: string) =>
      (await cluster.kubectl(["-n", "metallb-system", "get", what, "-l", selector])).stdout;
    expect(await get("servicel2statuses")).toMatch(
      new RegExp(
        `NAME +ALLOCATED NODE +SERVICE NAME +SERVICE NAMESPACE\\nl2-\\S+ +${node} +first +default`,
      ),
    );
    expect(await get("servicebgpstatuses")).toMatch(
      new RegExp(`NAME +NODE +SERVICE NAME +SERVICE NAMESPACE\\nbgp-\\S+ +${node} +first +default`),
    );
    const [object] = await listed("servicel2statuses");
    expect(object?.metadata.ownerReferences).toMatchObject([
      { kind: "Pod", name: `speaker-${node}` },
    ]);
  });

  it("its node never changes, and one that is deleted comes back", async () => {
    const [before] = await listed("servicel2statuses");
    const path = `/apis/metallb.io/v1beta1/namespaces/metallb-system/servicel2statuses/${before?.metadata.name}`;
    await expect(
      cluster.api.patch(`${path}/status`, { status: { node: "other" } }),
    ).rejects.toThrow(/Value is immutable/);
    await cluster.api.delete(path);
    await until(
      async () => {
        const [after] = await listed("servicel2statuses");
        return after?.status !== undefined && after.metadata.uid !== before?.metadata.uid;
      },
      { timeoutMs: 10_000, what: "the object to come back" },
    );
  });

  it("nothing is written while nothing changes", async () => {
    const versions = async () =>
      [...(await listed("servicel2statuses")), ...(await listed("servicebgpstatuses"))].map(
        ({ metadata }) => metadata.resourceVersion,
      );
    const before = await versions();
    await web("second");
    await holder("second");
    expect(await versions()).toEqual(expect.arrayContaining(before));
    await cluster.api.delete("/api/v1/namespaces/default/services/second");
    await until(async () => (await holders("second")).length === 0, {
      timeoutMs: 5_000,
      what: "what was said of the second Service to go",
    });
  });

  it("a speaker that was killed finds what it said; what is no longer so is removed", async () => {
    const { node: name } = await holder("first");
    const node = nodes.find((each) => each.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    const other = name === "n1" ? "n2" : "n1";
    // What it says of its routes is still so when it is back.
    const routed = async () =>
      (await listed("servicebgpstatuses"))
        .filter(({ status }) => status?.node === name)
        .map(({ metadata }) => metadata.uid);
    const before = await routed();
    const left = `/apis/metallb.io/v1beta1/namespaces/metallb-system/servicel2statuses/l2-left`;
    await speakers.get(name)?.stop("SIGKILL");
    await cluster.apply(leftover(name));
    await cluster.api.patch(`${left}/status`, {
      status: { node: name, serviceName: "gone", serviceNamespace: "default" },
    });
    await until(async () => (await holders("first")).some((each) => each.node === other), {
      timeoutMs: 10_000,
      what: `${other} to say that it answers`,
    });
    await speak(node);
    const said = async () => (await listed("servicel2statuses")).map(({ status }) => status?.node);
    await until(async () => (await said()).join() === other, {
      timeoutMs: 15_000,
      what: "the leftovers to go",
    });
    expect(before).toHaveLength(1);
    expect(await routed()).toEqual(before);
  });

  it("a speaker that stops takes back what it said, and nobody else's", async () => {
    const { node: name } = await holder("first");
    await speakers.get(name)?.stop("SIGTERM", 10_000);
    const other = name === "n1" ? "n2" : "n1";
    await until(async () => (await holders("first"))[0]?.node === other, {
      timeoutMs: 10_000,
      what: `${other} to say that it answers`,
    });
    const bgp = await listed("servicebgpstatuses");
    expect(bgp.map(({ status }) => status?.node)).toEqual([other]);
    const lines = [...speakers.values()].flatMap((speaker) => speaker.lines);
    expect(lines.filter((line) => /status object/.test(line))).toEqual([]);
  });
});

const pod = (node: string) => `
apiVersion: v1
kind: Pod
metadata: { name: speaker-${node}, namespace: metallb-system }
spec:
  nodeName: ${node}
  serviceAccountName: speaker
  containers: [{ name: speaker, image: ingot }]
`;

const leftover = (node: string) => `
apiVersion: metallb.io/v1beta1
kind: ServiceL2Status
metadata:
  name: l2-left
  namespace: metallb-system
  labels: { metallb.io/node: ${node}, metallb.io/service-name: gone, metallb.io/service-namespace: default }
`;

interface Status {
  readonly node: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  readonly interfaces?: readonly { readonly name: string }[];
  readonly peers?: readonly string[];
}

interface StatusObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly object[];
  };
  readonly status?: Status;
}
