/** The two kinds of address, as Kubernetes calls them. */
export type IpFamily = "IPv4" | "IPv6";

/** Where a Service's traffic may go. A {@link Backend} is one; spread it to add conditions. */
export interface Endpoint {
  readonly ipv4: string;
  readonly ipv6: string;
  /** Absent for one outside of the cluster's nodes. */
  readonly nodeName?: string;
  /** Default to ready and serving. */
  readonly conditions?: {
    readonly ready?: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
  };
}

/** A port of a Service, and what it leads to. */
export interface ServicePort {
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  readonly targetPort: number;
}

/** A Service of type LoadBalancer and the endpoints behind it. */
export interface ServiceOptions {
  readonly name: string;
  /** Defaults to `default`. */
  readonly namespace?: string;
  readonly backends: readonly Endpoint[];
  /** Defaults to IPv4 alone. */
  readonly families?: readonly IpFamily[];
  /** Defaults to port 80 of both protocols, which leads to the backends' port. */
  readonly ports?: readonly ServicePort[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Fields of the spec, on top of what is made here, such as `externalTrafficPolicy`. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** The port that every backend serves HTTP and UDP on. */
export const backendPort = 8080;

/** The Service. It has no selector, so nothing but the test decides about its endpoints. */
export function serviceObject(options: ServiceOptions): object {
  const {
    name,
    labels = {},
    annotations = {},
    families = ["IPv4"],
    ports = bothProtocols,
  } = options;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: namespaceOf(options), labels, annotations },
    spec: {
      type: "LoadBalancer",
      ipFamilies: families,
      ipFamilyPolicy: families.length > 1 ? "RequireDualStack" : "SingleStack",
      ports,
      ...options.spec,
    },
  };
}

/** Its EndpointSlice of one family. */
export function endpointSliceObject(options: ServiceOptions, family: IpFamily): object {
  const { name, backends, ports = bothProtocols } = options;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-${family.toLowerCase()}`,
      namespace: namespaceOf(options),
      labels: { "kubernetes.io/service-name": name },
    },
    addressType: family,
    ports: ports.map(({ name, protocol, targetPort }) => ({ name, protocol, port: targetPort })),
    endpoints: backends.map(({ ipv4, ipv6, nodeName, conditions }) => ({
      addresses: [family === "IPv4" ? ipv4 : ipv6],
      conditions: { ready: true, serving: true, terminating: false, ...conditions },
      ...(nodeName === undefined ? {} : { nodeName }),
    })),
  };
}

/** Where the Service and its EndpointSlices are in the API, one path each. */
export function servicePaths(
  options: Pick<ServiceOptions, "name" | "namespace">,
): { readonly service: string } & Readonly<Record<IpFamily, string>> {
  const { name } = options;
  const namespace = namespaceOf(options);
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  return {
    service: `/api/v1/namespaces/${namespace}/services/${name}`,
    IPv4: `${slices}/${name}-ipv4`,
    IPv6: `${slices}/${name}-ipv6`,
  };
}

const bothProtocols: readonly ServicePort[] = [
  { name: "http", protocol: "TCP", port: 80, targetPort: backendPort },
  { name: "datagrams", protocol: "UDP", port: 80, targetPort: backendPort },
];

function namespaceOf({ namespace = "default" }: Pick<ServiceOptions, "namespace">): string {
  return namespace;
}
