import type { LogLevel } from "./observe/log.ts";

/** What to do about a node that says hello but answers nobody. */
export const PROOF_MODES = ["off", "report", "take-over"] as const;

/** What both programs are told at their start. */
export interface CommonOptions {
  /** Where the configuration objects live. */
  readonly namespace: string;
  /** The `loadBalancerClass` to serve; empty: Services without a class. */
  readonly lbClass: string;
  readonly logLevel: LogLevel;
  /** Of `/metrics`; 0: not served. */
  readonly port: number;
  /** Of `/healthz` and `/readyz`; 0: not served. */
  readonly healthProbePort: number;
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string | undefined;
  /** A folder of manifests to work from instead of the Kubernetes API. */
  readonly manifests: string | undefined;
  /** Where results go when working from a folder; only set together with `manifests`. */
  readonly statusDir: string | undefined;
}

/** The ways to settle which node answers for an address. */
export const OWNERSHIPS = ["even", "hash"] as const;

/** One of {@link OWNERSHIPS}. */
export type Ownership = (typeof OWNERSHIPS)[number];

/** What `ingot controller` is told. */
export interface ControllerOptions extends CommonOptions {
  /**
   * Decide only while holding the Lease that all controllers of the cluster share; default true. A
   * folder of manifests has none.
   */
  readonly leaderElect?: boolean;
  /** Honour what Services ask for by annotations of kube-vip, Cilium and PureLB; default false. */
  readonly migrationAnnotations?: boolean;
  /** Whether the controller says which node answers (`even`, the default), or the hash of each address. */
  readonly ownership?: Ownership;
  /** Count nodes in that are labelled to be left out of external load balancers; default false. */
  readonly ignoreExcludeLb?: boolean;
  /** Have the addresses of nodes that are cordoned or shut down answered for by others; default false. */
  readonly evacuateCordoned?: boolean;
}

/** What `ingot speaker` is told. */
export interface SpeakerOptions extends CommonOptions {
  readonly nodeName: string;
  /** Announce even from nodes labelled to be left out of external load balancers. */
  readonly ignoreExcludeLb: boolean;
  /** A file of patterns of interfaces on which nothing is announced; undefined: MetalLB's, if it is there. */
  readonly excludeInterfacesFile: string | undefined;
  /** The Pod that it runs in. */
  readonly podName: string | undefined;
  /** Between two repetitions of the gratuitous ARP of every announced address; 0: none. */
  readonly gratuitousArpIntervalSeconds: number;
  /** `even`: by the controller's tables; `hash`: by MetalLB's election, moving back. Default `even`. */
  readonly ownership: Ownership;
  /** UDP, of all speakers. */
  readonly helloPort: number;
  readonly helloIntervalMs: number;
  /** Intervals of silence that make a speaker suspect. */
  readonly helloMultiplier: number;
  /** Hellos go to each node's InternalIPs instead of to multicast groups. */
  readonly helloUnicast: boolean;
  readonly proof: (typeof PROOF_MODES)[number];
  /** Where the last good world is kept for a start without the API server. */
  readonly stateDir: string | undefined;
}

/** A program at work. */
export interface Running {
  /** Resolves when a clean stop is done; `reason` is for the log. */
  stop(reason: string): Promise<void>;
  /** Rejects when the program cannot go on. */
  readonly failed: Promise<never>;
}
