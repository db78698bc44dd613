import { readFileSync } from "node:fs";
import { Cluster } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEPLOY } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

// What an installation by Helm leaves behind besides its programs, cut down to what is in the way.
const leftovers = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: bgppeers.metallb.io }
spec:
  group: metallb.io
  names: { kind: BGPPeer, listKind: BGPPeerList, plural: bgppeers, singular: bgppeer }
  scope: Namespaced
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1beta1, v1beta2]
      clientConfig:
        service: { name: metallb-webhook-service, namespace: metallb-system, path: /convert }
  versions:
    - name: v1beta1
      served: true
      storage: false
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
    - name: v1beta2
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
apiVersion: v1
kind: Namespace
metadata: { name: metallb-system }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: metallb-webhook-configuration }
webhooks:
  - name: ipaddresspoolvalidationwebhook.metallb.io
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    clientConfig:
      service: { name: metallb-webhook-service, namespace: metallb-system, path: /validate }
    rules:
      - apiGroups: [metallb.io]
        apiVersions: [v1beta1]
        operations: [CREATE, UPDATE]
        resources: [ipaddresspools]
`;
const peer = `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: tor, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64513, peerAddress: 10.0.0.1 }
`;
const pool = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.0.0.0/24] }
`;

/** The commands of docs/migration.md that clear MetalLB's webhooks away, as they stand there. */
const steps = readFileSync(new URL("../../docs/migration.md", import.meta.url), "utf8")
  .split("\n")
  .map((line) => line.trim())
  .filter((line) => /^kubectl .*(webhook|conversion)/.test(line));

suite("what MetalLB leaves behind", ["netns", "testbed"], () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 1 });
    const create = (input: string) => cluster.kubectl(["create", "-f", "-"], { input });
    await create(leftovers);
    await cluster.kubectl(["wait", "--for=condition=established", "crd/bgppeers.metallb.io"]);
    await create(peer);
  });

  afterAll(() => cluster?.close());

  const tried = (args: readonly string[], input?: string) =>
    cluster.kubectl(args, { allowFailure: true, ...(input === undefined ? {} : { input }) });
  const older = () => tried(["-n", "metallb-system", "get", "bgppeers.v1beta1.metallb.io"]);

  it("is in the way of its objects once its webhooks have no server", async () => {
    await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--kustomize", DEPLOY]);
    expect((await older()).stderr).toMatch(/conversion webhook .* failed/);
    expect((await tried(["create", "-f", "-"], pool)).stderr).toMatch(/failed calling webhook/);
  });

  it("is cleared away by the commands in the documentation, and no object is lost", async () => {
    expect(steps).toHaveLength(2);
    for (const step of steps) {
      const args = step.match(/'[^']*'|\S+/g)?.map((word) => word.replace(/^'|'$/g, "")) ?? [];
      await cluster.kubectl(args.slice(1));
    }
    expect((await older()).stdout).toMatch(/tor +10\.0\.0\.1 +64513/);
    await cluster.kubectl(["create", "-f", "-"], { input: pool });
  });
});
