import { OWNERSHIP_KEY_NAME } from "../config/ownership-key.ts";
import { type StatusProtocol, statusPlural } from "../config/service-status.ts";
import { SPEAKER_LABEL } from "../config/speaker-lease.ts";
import type { Kind } from "../domain.ts";
import type { KubeError } from "../kube/kube-error.ts";

/** Where the objects of one kind are. */
export interface KindPlace {
  readonly path: string;
  /** Empty: all of them. */
  readonly labelSelector: string;
  /** Empty: all of them. */
  readonly fieldSelector: string;
  /** The CustomResourceDefinition that has to be installed for it; empty for kinds of Kubernetes itself. */
  readonly definition: string;
}

// What a speaker's Lease is found by.
const SPEAKER_LABELS: Readonly<Record<string, string>> = {
  "app.kubernetes.io/name": "ingot",
  [SPEAKER_LABEL[0]]: SPEAKER_LABEL[1],
};

/** Configuration and Leases are those of one namespace, the rest is cluster-wide. */
export function placeOf(kind: Kind, namespace: string): KindPlace {
  const inNamespace = `namespaces/${encodeURIComponent(namespace)}`;
  switch (kind) {
    case "service":
      return place("/api/v1/services");
    case "endpointSlice":
      return place("/apis/discovery.k8s.io/v1/endpointslices", "kubernetes.io/service-name");
    case "node":
      return place("/api/v1/nodes");
    case "namespace":
      return place("/api/v1/namespaces");
    case "pool":
      return metallb(inNamespace, "ipaddresspools");
    case "l2Advertisement":
      return metallb(inNamespace, "l2advertisements");
    case "bgpPeer":
      return metallb(inNamespace, "bgppeers", "v1beta2");
    case "bgpAdvertisement":
      return metallb(inNamespace, "bgpadvertisements");
    case "community":
      return metallb(inNamespace, "communities");
    case "bfdProfile":
      return metallb(inNamespace, "bfdprofiles");
    case "secret":
      return {
        ...place(`/api/v1/${inNamespace}/secrets`),
        fieldSelector: "type=kubernetes.io/basic-auth",
      };
    case "ownershipKey":
      return {
        ...place(`/api/v1/${inNamespace}/secrets`),
        fieldSelector: `metadata.name=${OWNERSHIP_KEY_NAME}`,
      };
    case "l2Status":
      return statusPlace("layer2", namespace);
    case "speaker":
      return place(`/apis/coordination.k8s.io/v1/${inNamespace}/leases`, SPEAKER_SELECTOR);
  }
}

/** Where the objects are that say how Services are announced. */
export function statusPlace(protocol: StatusProtocol, namespace: string): KindPlace {
  return metallb(`namespaces/${encodeURIComponent(namespace)}`, statusPlural(protocol));
}

/** Why a place cannot be reached, in one sentence. */
export function reasonOf({ definition }: KindPlace, error: KubeError): string {
  if (definition === "" || error.status !== 404) return error.message;
  return (
    `the CustomResourceDefinition ${definition} is not installed; ` +
    "install it with: ingot crds | kubectl apply -f -"
  );
}

const SPEAKER_SELECTOR = Object.entries(SPEAKER_LABELS)
  .map(([name, value]) => `${name}=${value}`)
  .join(",");

function place(path: string, labelSelector = ""): KindPlace {
  return { path, labelSelector, fieldSelector: "", definition: "" };
}

function metallb(inNamespace: string, plural: string, version = "v1beta1"): KindPlace {
  const path = `/apis/metallb.io/${version}/${inNamespace}/${plural}`;
  return { path, labelSelector: "", fieldSelector: "", definition: `${plural}.metallb.io` };
}
