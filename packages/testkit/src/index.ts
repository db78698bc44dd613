export type { HostAddresses } from "./kube/addresses.ts";
export { Api, ApiError, type ApiOptions, type KubeObject, type WatchEvent } from "./kube/api.ts";
export { type AssignedService, AssignmentRecord } from "./kube/assignment-record.ts";
export type { Backend } from "./kube/backend-process.ts";
export { Cluster, type ClusterOptions } from "./kube/cluster.ts";
export type { StopOptions } from "./kube/control-plane.ts";
export type { Identity, ServiceAccountRef } from "./kube/identities.ts";
export { apiOfKubeconfig } from "./kube/kubeconfig.ts";
export type { KubectlOptions, Manifests } from "./kube/kubectl.ts";
export { type LaunchOptions, launch } from "./kube/launch.ts";
export { parseMetrics, type Sample, sumMetric } from "./kube/metrics.ts";
export type { ClusterNode } from "./kube/node.ts";
export {
  backendPort,
  type Endpoint,
  type IpFamily,
  type ServiceOptions,
  type ServicePort,
} from "./kube/service.ts";
export { ServiceChurn } from "./kube/service-churn.ts";
export type { Host } from "./kube/topology.ts";
export { Lab, type LabOptions, type LinkEnd } from "./lab/lab.ts";
export { LabNamespace, type RouteTarget } from "./lab/namespace.ts";
export { type Exit, LabProcess, type SpawnOptions } from "./lab/process.ts";
export type { RunOptions, RunResult } from "./lab/run.ts";
export { readMrt } from "./mrt/reader.ts";
export type * from "./mrt/record.ts";
export { type UntilOptions, until } from "./poll.ts";
export { findProgram, type TestbedProgram, testbedBinary } from "./programs.ts";
export { seededRandom } from "./random.ts";
export { missing, type Need } from "./requirements.ts";
export { Bird, type RouterOptions } from "./routers/bird.ts";
export { ExaBgp, type ExaBgpOptions } from "./routers/exabgp.ts";
export { Frr, type FrrOptions } from "./routers/frr.ts";
export { GoBgp } from "./routers/gobgp.ts";
export { VirtualClock } from "./virtual-clock.ts";
export { Wire, type WireOptions, type WirePort } from "./wire.ts";
