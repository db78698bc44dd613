import type {
  EndpointSliceRecord,
  Identity,
  L2AdvertisementRecord,
  NodeRecord,
  PoolRecord,
  ServiceRecord,
  SpeakerRecord,
} from "../domain.ts";

/** A Service of type LoadBalancer with one TCP port and nothing else said. */
export function serviceRecord(key: string, changes: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    ...identity(key),
    isLoadBalancer: true,
    loadBalancerClass: "",
    families: [4],
    familyPolicy: "SingleStack",
    clusterIPs: [],
    loadBalancerIP: "",
    trafficPolicy: "Cluster",
    selector: "",
    ports: [{ protocol: "TCP", port: 80 }],
    labels: {},
    annotations: {},
    ingress: [],
    deleting: false,
    ...changes,
  };
}

/** An open pool. */
export function poolRecord(
  name: string,
  addresses: readonly string[],
  changes: Partial<PoolRecord> = {},
): PoolRecord {
  return {
    ...identity(`metallb-system/${name}`),
    labels: {},
    addresses,
    autoAssign: true,
    avoidBuggyIPs: false,
    closed: "",
    ...changes,
  };
}

/** An advertisement of every pool, from every node, on every interface. */
export function advertisementRecord(
  name: string,
  changes: Partial<L2AdvertisementRecord> = {},
): L2AdvertisementRecord {
  return {
    ...identity(`metallb-system/${name}`),
    pools: [],
    poolSelectors: [],
    nodeSelectors: [],
    serviceSelectors: [],
    interfaces: [],
    preferredNodeSelectors: [],
    ...changes,
  };
}

/** A node that may announce. */
export function nodeRecord(name: string, changes: Partial<NodeRecord> = {}): NodeRecord {
  return {
    ...identity(name),
    labels: {},
    networkUnavailable: false,
    excludedFromLoadBalancers: false,
    ...changes,
  };
}

/** Endpoints of a Service that can serve on the given nodes. */
export function sliceRecord(
  name: string,
  service: string,
  servingNodes: readonly string[],
): EndpointSliceRecord {
  return { ...identity(`default/${name}`), service, servingNodes };
}

/** A fresh sign of life of a speaker whose eth0 is in 10.77.0.0/24. */
export function speakerRecord(node: string, changes: Partial<SpeakerRecord> = {}): SpeakerRecord {
  return {
    ...identity(`metallb-system/ingot-speaker-${node}`),
    node,
    held: true,
    durationMs: 5_000,
    renewal: "1",
    interfaces: [{ name: "eth0", subnets: ["10.77.0.0/24"] }],
    ...changes,
  };
}

function identity(key: string): Identity {
  const slash = key.lastIndexOf("/");
  return {
    key,
    namespace: key.slice(0, Math.max(0, slash)),
    name: key.slice(slash + 1),
    uid: `uid of ${key}`,
    resourceVersion: "1",
    createdMs: 0,
  };
}
