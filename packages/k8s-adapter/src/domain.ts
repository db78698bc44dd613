// The world as Ingot sees it: what is kept of each watched object, and nothing else of it.
// Records are made by `config/project.ts`, are never changed afterwards, and hold text for
// addresses (canonical) and plain values for the rest.

/** `namespace/name`; for cluster-scoped objects the name alone. */
export type Key = string;

/** The version of IP. */
export type Family = 4 | 6;

/** What every record has. */
export interface Identity {
  readonly key: Key;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Opaque; the precondition of a write. Empty for objects of a source that has none. */
  readonly resourceVersion: string;
  /** Milliseconds since 1970; 0 where the source does not know. */
  readonly createdMs: number;
}

/** One address of `status.loadBalancer.ingress`, as text; host names are left out. */
export type IngressAddress = string;

/** One port of a Service. */
export interface ServicePort {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** What Ingot keeps of a Service; only those of type LoadBalancer, or with a status to clear. */
export interface ServiceRecord extends Identity {
  readonly isLoadBalancer: boolean;
  /** `spec.loadBalancerClass`, empty when unset. */
  readonly loadBalancerClass: string;
  /** `spec.ipFamilies`, in their order; empty when unset. */
  readonly families: readonly Family[];
  readonly familyPolicy: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  /** `spec.clusterIPs` without `None`. */
  readonly clusterIPs: readonly string[];
  /** `spec.loadBalancerIP`, empty when unset. */
  readonly loadBalancerIP: string;
  readonly trafficPolicy: "Cluster" | "Local";
  /** Canonical text of `spec.selector` (sorted `key=value` joined by commas). */
  readonly selector: string;
  readonly ports: readonly ServicePort[];
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Only those that begin with `metallb.io/`, `metallb.universe.tf/` or `ingot.dev/`, and those of other
   * load balancers that say the same.
   */
  readonly annotations: Readonly<Record<string, string>>;
  readonly ingress: readonly IngressAddress[];
  readonly deleting: boolean;
}

/** What Ingot keeps of an EndpointSlice: the nodes that can serve, for one Service. */
export interface EndpointSliceRecord extends Identity {
  /** Key of the Service, from the label `kubernetes.io/service-name`. */
  readonly service: Key;
  /**
   * Nodes with at least one endpoint that can serve (ready unset or true, or serving true); an
   * endpoint without a node counts under the empty name.
   */
  readonly servingNodes: readonly string[];
}

/** What Ingot keeps of a Node. */
export interface NodeRecord extends Identity {
  readonly labels: Readonly<Record<string, string>>;
  /** Its InternalIPs, canonical. */
  readonly addresses: readonly string[];
  /** The condition NetworkUnavailable is True. */
  readonly networkUnavailable: boolean;
  /** The label `node.kubernetes.io/exclude-from-external-load-balancers` is there. */
  readonly excludedFromLoadBalancers: boolean;
  /** The annotation `ingot.dev/evacuate` is "true": addresses are to be answered for elsewhere. */
  readonly evacuated: boolean;
  /** `spec.unschedulable`: it takes no more Pods. */
  readonly cordoned: boolean;
  /** Its kubelet shuts it down in an orderly way, or it is tainted as out of service. */
  readonly shutsDown: boolean;
}

/** A label selector with its expressions, ready to be matched. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    readonly values: readonly string[];
  }[];
}

/** An IPAddressPool whose own fields are right; whether it overlaps another shows later. */
export interface PoolRecord extends Identity {
  readonly labels: Readonly<Record<string, string>>;
  /** `spec.addresses`: each a CIDR or `start-end`, checked, as written. */
  readonly addresses: readonly string[];
  readonly autoAssign: boolean;
  readonly avoidBuggyIPs: boolean;
  /** For whom it is kept; undefined: for everybody. */
  readonly reserved: PoolReservation | undefined;
  /** An address of it is shared by Services of one namespace alone. */
  readonly shareWithinNamespace: boolean;
  /** An address that another host claims as well is given to nobody anew. */
  readonly quarantine: boolean;
  /** Addresses that are kept for one Service, whether it is there or not. */
  readonly reservations: readonly Reservation[];
  /** For how long an address that was given up is kept from other Services; 0: not at all. */
  readonly coolDownMs: number;
  /** `status`, as it was written last; undefined when it never was. */
  readonly counters: PoolCounters | undefined;
}

/** An address, canonical, and whose it is. */
export interface Reservation {
  readonly address: string;
  readonly service: Key;
}

/** `status` of a pool: numbers of addresses. */
export interface PoolCounters {
  readonly assignedIPv4: number;
  readonly assignedIPv6: number;
  readonly availableIPv4: number;
  readonly availableIPv6: number;
}

/** `spec.serviceAllocation` of a pool: both conditions have to be met. */
export interface PoolReservation {
  /** The lowest goes first, and 0 last. */
  readonly priority: number;
  /** Empty together with `namespaceSelectors`: every namespace. */
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
  /** Empty: every Service. */
  readonly serviceSelectors: readonly LabelSelector[];
}

/** What Ingot keeps of a Namespace. */
export interface NamespaceRecord extends Identity {
  readonly labels: Readonly<Record<string, string>>;
  /** How many addresses its Services may have; undefined: any number. */
  readonly quota: NamespaceQuota | undefined;
}

/** Numbers of addresses; undefined: any number. */
export interface NamespaceQuota {
  readonly ipv4: number | undefined;
  readonly ipv6: number | undefined;
  /** Why it cannot be read, one sentence; empty when it can. */
  readonly problem: string;
}

/** What Ingot keeps of an L2Advertisement. */
export interface L2AdvertisementRecord extends Identity {
  /** Empty together with `poolSelectors`: every pool. */
  readonly pools: readonly string[];
  readonly poolSelectors: readonly LabelSelector[];
  /** Empty: every node. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Empty: every Service. */
  readonly serviceSelectors: readonly LabelSelector[];
  /** Exact names; empty: every interface. */
  readonly interfaces: readonly string[];
  readonly preferredNodeSelectors: readonly {
    readonly weight: number;
    readonly preference: LabelSelector;
  }[];
}

/** What Ingot keeps of a BGPPeer. */
export interface BgpPeerRecord extends Identity {
  /** As this peer is to see it. */
  readonly localAsn: number;
  /** One number, our own, or any other. */
  readonly peerAsn: number | "internal" | "external";
  /** Canonical text; empty: that of the router at the other end of `interface`. */
  readonly address: string;
  /** Empty unless there is no address. */
  readonly interface: string;
  readonly port: number;
  /** Canonical text; empty: as the routes have it. */
  readonly sourceAddress: string;
  /** 0 (none) or 3 to 65,535. */
  readonly holdTimeS: number;
  /** 0: a third of the hold time. */
  readonly keepaliveS: number;
  /** Between attempts to connect; 0: the default. */
  readonly connectRetryMs: number;
  /** Canonical text; empty: one is derived. */
  readonly routerId: string;
  /** Empty: every node. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Of the object itself; empty: none. */
  readonly password: string;
  /** Name of a Secret in the namespace of the peer; empty: none. */
  readonly passwordSecret: string;
  readonly multiHop: boolean;
  /** The peer is to keep the routes while this node's speaker restarts. */
  readonly gracefulRestart: boolean;
  /** Routes of both families over the one session. */
  readonly dualStack: boolean;
  /** Name of a BFDProfile in the namespace of the peer; empty: none. */
  readonly bfdProfile: string;
  /** The VRF's device to connect from; empty: none. */
  readonly vrf: string;
  /** Why there is no session although the object is valid; empty when there is one. */
  readonly unsupported: string;
}

/** How a session is watched, with nothing left out. */
export interface BfdTiming {
  /** 10 to 60,000. */
  readonly receiveIntervalMs: number;
  /** 10 to 60,000. */
  readonly transmitIntervalMs: number;
  /** 2 to 255. */
  readonly detectMultiplier: number;
  /** 10 to 60,000. */
  readonly echoIntervalMs: number;
  readonly echo: boolean;
  readonly passive: boolean;
  /** 1 to 254; for a peer more than one hop away. */
  readonly minTtl: number;
}

/** What Ingot keeps of a BFDProfile. */
export interface BfdProfileRecord extends Identity {
  readonly timing: BfdTiming;
}

/** What Ingot keeps of a BGPAdvertisement. */
export interface BgpAdvertisementRecord extends Identity {
  /** Empty together with `poolSelectors`: every pool. */
  readonly pools: readonly string[];
  readonly poolSelectors: readonly LabelSelector[];
  /** Empty: every node. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Empty: every Service. */
  readonly serviceSelectors: readonly LabelSelector[];
  /** Names of BGPPeers; empty: every one. */
  readonly peers: readonly string[];
  /** 1 to 32. */
  readonly aggregationLength: number;
  /** 1 to 128. */
  readonly aggregationLengthV6: number;
  /** 0: the default. */
  readonly localPref: number;
  /** 0 to 10. */
  readonly asPathPrepend: number;
  /** Values and aliases, as written. */
  readonly communities: readonly string[];
}

/** What Ingot keeps of a Community. */
export interface CommunityRecord extends Identity {
  readonly aliases: readonly { readonly name: string; readonly value: string }[];
}

/** What Ingot keeps of a Secret of type kubernetes.io/basic-auth. */
export interface SecretRecord extends Identity {
  readonly password: string;
}

/** The keys that speakers seal their hellos with; each in base64, empty where there is none. */
export interface OwnershipKeyRecord extends Identity {
  /** Seals. */
  readonly current: string;
  /** Is accepted, and is to seal soon. */
  readonly next: string;
  /** Sealed until a moment ago, and is still accepted. */
  readonly previous: string;
  /** Somebody asks for another key. */
  readonly rotationAsked: boolean;
}

/** An interface that a speaker can announce on, as that speaker published it. */
export interface SpeakerInterface {
  readonly name: string;
  /** Subnets of its addresses, canonical CIDR text. */
  readonly subnets: readonly string[];
  /** Its hardware address, lower-case with colons; a speaker of an older version does not say it. */
  readonly mac?: string;
}

/** The sign of life of one node's speaker (a Lease; a file for the folder source). */
export interface SpeakerRecord extends Identity {
  readonly node: string;
  /** False once the speaker has said goodbye. */
  readonly held: boolean;
  /** How long a renewal is good for. */
  readonly durationMs: number;
  /** Changes with each renewal; compared, never read as a time. */
  readonly renewal: string;
  readonly interfaces: readonly SpeakerInterface[];
  /** Addresses that it answers for and that another host claims as well; undefined: none. */
  readonly conflicts?: readonly string[];
}

/** What Ingot keeps of a ServiceL2Status: a node says that it answers for a Service. */
export interface L2StatusRecord extends Identity {
  readonly node: string;
  readonly service: Key;
  /** Exact names; empty: every interface that can. */
  readonly interfaces: readonly string[];
}

/** The kinds that are watched, and the record each becomes. */
export interface Kinds {
  readonly service: ServiceRecord;
  readonly endpointSlice: EndpointSliceRecord;
  readonly node: NodeRecord;
  readonly namespace: NamespaceRecord;
  readonly pool: PoolRecord;
  readonly l2Advertisement: L2AdvertisementRecord;
  readonly bgpPeer: BgpPeerRecord;
  readonly bgpAdvertisement: BgpAdvertisementRecord;
  readonly community: CommunityRecord;
  readonly bfdProfile: BfdProfileRecord;
  readonly secret: SecretRecord;
  readonly speaker: SpeakerRecord;
  readonly ownershipKey: OwnershipKeyRecord;
  readonly l2Status: L2StatusRecord;
}

/** The name of a kind that is watched. */
export type Kind = keyof Kinds;

/** What is wrong with one object: said on the object's kind, name, field and value. */
export interface ObjectError {
  readonly kind: Kind;
  readonly key: Key;
  /** Path in the object, such as `spec.addresses[1]`; empty when the object as a whole is meant. */
  readonly field: string;
  /** One sentence that names the value. */
  readonly message: string;
}
