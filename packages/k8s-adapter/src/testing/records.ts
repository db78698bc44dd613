import type {
  BgpAdvertisementRecord,
  BgpPeerRecord,
  EndpointSliceRecord,
  Identity,
  L2AdvertisementRecord,
  L2StatusRecord,
  NamespaceRecord,
  NodeRecord,
  OwnershipKeyRecord,
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
    reserved: undefined,
    shareWithinNamespace: false,
    quarantine: false,
    reservations: [],
    coolDownMs: 0,
    counters: undefined,
    ...changes,
  };
}

/** A Namespace without labels and without a quota. */
export function namespaceRecord(
  name: string,
  changes: Partial<NamespaceRecord> = {},
): NamespaceRecord {
  return { ...identity(name), labels: {}, quota: undefined, ...changes };
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

/** An advertisement of every pool, from every node, to every peer. */
export function bgpAdvertisementRecord(
  name: string,
  changes: Partial<BgpAdvertisementRecord> = {},
): BgpAdvertisementRecord {
  return {
    ...identity(`metallb-system/${name}`),
    pools: [],
    poolSelectors: [],
    nodeSelectors: [],
    serviceSelectors: [],
    peers: [],
    aggregationLength: 32,
    aggregationLengthV6: 128,
    localPref: 0,
    asPathPrepend: 0,
    communities: [],
    ...changes,
  };
}

/** A router in AS 65000 at 10.77.0.254, of every node. */
export function bgpPeerRecord(name: string, changes: Partial<BgpPeerRecord> = {}): BgpPeerRecord {
  return {
    ...identity(`metallb-system/${name}`),
    localAsn: 64_512,
    peerAsn: 65_000,
    address: "10.77.0.254",
    interface: "",
    port: 179,
    sourceAddress: "",
    holdTimeS: 90,
    keepaliveS: 0,
    routerId: "",
    nodeSelectors: [],
    password: "",
    passwordSecret: "",
    connectRetryMs: 0,
    multiHop: false,
    gracefulRestart: false,
    dualStack: false,
    bfdProfile: "",
    vrf: "",
    unsupported: "",
    ...changes,
  };
}

/** A node that may announce. */
export function nodeRecord(name: string, changes: Partial<NodeRecord> = {}): NodeRecord {
  return {
    ...identity(name),
    labels: {},
    addresses: [],
    networkUnavailable: false,
    excludedFromLoadBalancers: false,
    evacuated: false,
    cordoned: false,
    shutsDown: false,
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

/** A node's word that it answers for a Service. */
export function l2StatusRecord(
  service: string,
  node: string,
  changes: Partial<L2StatusRecord> = {},
): L2StatusRecord {
  return {
    ...identity(`metallb-system/${service.replace("/", "-")}-${node}`),
    node,
    service,
    interfaces: [],
    ...changes,
  };
}

/** A key at rest, with `A` for its secret. */
export function keyRecord(changes: Partial<OwnershipKeyRecord> = {}): OwnershipKeyRecord {
  return {
    ...identity("metallb-system/ingot-ownership-key"),
    current: "A",
    next: "",
    previous: "",
    rotationAsked: false,
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
