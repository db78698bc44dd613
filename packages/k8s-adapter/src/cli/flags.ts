import { LOG_LEVELS } from "../observe/log.ts";
import type { OperateOptions } from "../operate/operate.ts";
import {
  type CommonOptions,
  type ControllerOptions,
  OWNERSHIPS,
  type Ownership,
  PROOF_MODES,
  type SpeakerOptions,
} from "../options.ts";
import {
  choiceFlag,
  type Flag,
  type FlagShape,
  type FlagTable,
  numberFlag,
  pathFlag,
  portFlag,
  shown,
  switchFlag,
  variableOf,
} from "./flag.ts";
import { UsageError } from "./usage-error.ts";

const namespace: Flag<string> = {
  name: "namespace",
  placeholder: "NAME",
  help: "Namespace of the configuration objects.",
  defaultText: "the Pod's own, else metallb-system",
  read(text, source) {
    if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
    throw new UsageError(`${source} must be the name of a namespace, got ${shown(text)}`);
  },
  fallback: ({ readFile }) =>
    readFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")?.trim() || "metallb-system",
};

const lbClass: Flag<string> = {
  name: "lb-class",
  placeholder: "CLASS",
  help: "Serve only Services of this loadBalancerClass.",
  defaultText: "only those without a class",
  read: (text) => text,
  fallback: () => "",
};

const nodeName: Flag<string> = {
  name: "node-name",
  placeholder: "NAME",
  help: "Name of the node that this speaker runs on.",
  defaultText: "none, it is required",
  read(text, source) {
    if (/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(text)) return text;
    throw new UsageError(`${source} must be the name of a node, got ${shown(text)}`);
  },
  fallback() {
    throw new UsageError(`--${nodeName.name} (or ${variableOf(nodeName)}) must be given`);
  },
};

const ownership: Flag<Ownership> = choiceFlag(
  {
    name: "ownership",
    placeholder: "WAY",
    help: `Who answers for an address: ${OWNERSHIPS.join(" or ")}.`,
  },
  OWNERSHIPS,
  "even",
);

const common: FlagTable<CommonOptions> = {
  namespace,
  lbClass,
  logLevel: choiceFlag(
    {
      name: "log-level",
      placeholder: "LEVEL",
      help: `Least level logged: ${LOG_LEVELS.join(", ")}.`,
    },
    LOG_LEVELS,
    "info",
  ),
  port: portFlag(
    { name: "port", placeholder: "PORT", help: "Port of /metrics; 0 for none." },
    9120,
  ),
  healthProbePort: portFlag(
    {
      name: "health-probe-port",
      placeholder: "PORT",
      help: "Port of /healthz and /readyz; 0 for none.",
    },
    17_472,
  ),
  kubeconfig: pathFlag({
    name: "kubeconfig",
    placeholder: "FILE",
    help: "How to reach the Kubernetes API, when not from inside a Pod.",
  }),
  manifests: pathFlag({
    name: "manifests",
    placeholder: "DIR",
    help: "Work from a folder of manifests instead of the Kubernetes API.",
  }),
  statusDir: pathFlag({
    name: "status-dir",
    placeholder: "DIR",
    help: "Where results go when working from --manifests.",
  }),
};

const countExcluded = switchFlag({
  name: "ignore-exclude-lb",
  help: "Count nodes in that a label excludes from load balancers.",
});

/** The flags of `ingot controller`. */
export const CONTROLLER_FLAGS: FlagTable<ControllerOptions> = {
  ...common,
  leaderElect: switchFlag(
    {
      name: "leader-elect",
      help: "Assign addresses only while holding the Lease ingot-controller.",
    },
    true,
  ),
  migrationAnnotations: switchFlag({
    name: "migration-annotations",
    help: "Honour annotations of kube-vip, Cilium and PureLB on Services, too.",
  }),
  ownership,
  ignoreExcludeLb: countExcluded,
  evacuateCordoned: switchFlag({
    name: "evacuate-cordoned",
    help: "Move addresses off nodes that are cordoned or shut down.",
  }),
};

/** The flags of `ingot speaker`. */
export const SPEAKER_FLAGS: FlagTable<SpeakerOptions> = {
  nodeName,
  ...common,
  ignoreExcludeLb: switchFlag({
    name: "ignore-exclude-lb",
    help: "Announce from nodes that a label excludes from load balancers, too.",
  }),
  excludeInterfacesFile: pathFlag({
    name: "exclude-interfaces-file",
    placeholder: "FILE",
    help: "YAML list of patterns of interfaces to announce nothing on.",
  }),
  podName: {
    name: "pod-name",
    placeholder: "NAME",
    help: "Of the own Pod, which then owns the status objects that are written.",
    defaultText: "",
    read: (text) => text || undefined,
    fallback: () => undefined,
  },
  gratuitousArpIntervalSeconds: numberFlag(
    {
      name: "gratuitous-arp-interval",
      placeholder: "SECONDS",
      help: "Repeat gratuitous ARP and NDP that often, for ever; 0: never.",
    },
    0,
    86_400,
    0,
  ),
  ownership,
  helloPort: numberFlag(
    {
      name: "hello-port",
      placeholder: "PORT",
      help: "UDP port of the speakers' hellos, the same on all nodes.",
    },
    1_024,
    65_535,
    7_472,
  ),
  helloIntervalMs: numberFlag(
    { name: "hello-interval", placeholder: "MS", help: "Milliseconds between two hellos." },
    10,
    1_000,
    75,
  ),
  helloMultiplier: numberFlag(
    {
      name: "hello-multiplier",
      placeholder: "COUNT",
      help: "Intervals of silence that make a speaker suspect.",
    },
    2,
    20,
    3,
  ),
  helloUnicast: switchFlag({
    name: "hello-unicast",
    help: "Say hello to each node's InternalIPs instead of by multicast.",
  }),
  proof: choiceFlag(
    {
      name: "proof",
      placeholder: "WHAT",
      help: `What to do about a holder that answers nobody: ${PROOF_MODES.join(", ")}.`,
    },
    PROOF_MODES,
    "take-over",
  ),
  stateDir: pathFlag({
    name: "state-dir",
    placeholder: "DIR",
    help: "Keep the last good state here, for a start while the API is away.",
  }),
};

/** The flags of every command of an operator. */
export const OPERATE_FLAGS: FlagTable<Omit<OperateOptions, "timeoutSeconds">> = {
  namespace,
  lbClass,
  kubeconfig: common.kubeconfig,
  manifests: common.manifests,
  statusDir: common.statusDir,
  ignoreExcludeLb: countExcluded,
};

/** What `ingot convert` is told. */
export interface ConvertOptions {
  /** Of the objects; undefined: as the input says. */
  readonly namespace: string | undefined;
}

/** The flags of `ingot convert`. */
export const CONVERT_FLAGS: FlagTable<ConvertOptions> = {
  namespace: {
    ...namespace,
    help: "Namespace of the objects that are printed.",
    defaultText: "the ConfigMap's own, else metallb-system",
    fallback: () => undefined,
  },
};

const ignoredByBoth: readonly FlagShape[] = [
  valued("pprof-bind-address"),
  valued("tls-min-version"),
  valued("tls-cipher-suites"),
  valued("tls-curve-preferences"),
  valued("metrics-cert-dir"),
];

/** Flags of MetalLB's controller without a meaning here: no webhook, no certificate, no memberlist. */
export const CONTROLLER_IGNORED: readonly FlagShape[] = [
  ...ignoredByBoth,
  valued("pod-name"),
  valued("ml-secret-name"),
  valued("deployment"),
  valued("cert-dir"),
  valued("cert-service-name"),
  bare("disable-cert-rotation"),
  valued("webhook-mode"),
  valued("webhook-secret"),
  bare("webhook-http2"),
];

/** Flags of MetalLB's speaker without a meaning here: no memberlist, no FRR. */
export const SPEAKER_IGNORED: readonly FlagShape[] = [
  ...ignoredByBoth,
  valued("host"),
  valued("ml-bindaddr"),
  valued("ml-bindport"),
  valued("ml-labels"),
  valued("ml-secret-key-path"),
  bare("ml-wan-config"),
  valued("frrk8s-namespace"),
  bare("frrk8s-secret-passthrough"),
  valued("bgp-debounce-timeout"),
];

function valued(name: string): FlagShape {
  return { name, takesValue: true };
}

function bare(name: string): FlagShape {
  return { name, takesValue: false };
}
