// Who is where. Two segments, `lan` (10.77.0.0/24, fd77::/64) and `mg` for management
// (10.78.0.0/24); pods have addresses of their own, which nothing but routes leads to. On the LAN
// .100 and up are free for load balancers.

/** A host's place on the LAN, and the pod that it carries. */
export interface HostAddresses {
  readonly name: string;
  /** Of its LAN port. */
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** The addresses of a pod. */
export interface PodAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** The LAN's router: everybody's default route leads to it. */
export const routerAddresses: HostAddresses = host("r1", 1);
/** The client. */
export const clientAddresses: HostAddresses = host("c1", 2);
/** The pod in the router, which no node takes along when it dies. */
export const routerPod: PodAddresses = pod(250);

/** The API server, on the management segment. */
export const apiServerAddress = "10.78.0.10";
/** Its port. */
export const apiServerPort = 6443;
/** All pods, as kube-proxy wants to hear it. */
export const podNetworks = "10.244.0.0/16,fd44::/64";
/** Where ClusterIPs come from. */
export const clusterNetworks = "10.96.0.0/16,fd96::/112";
/** The most nodes that the plan has room for. */
export const mostNodes = 80;

/** Node `number`, counted from 1: `n1` is 10.77.0.11. */
export function nodeAddresses(number: number): HostAddresses {
  return host(`n${number}`, 10 + number);
}

/** Node `number` on the management segment. */
export function managementAddress(number: number): string {
  return `10.78.0.${10 + number}`;
}

/** The pod of node `number`. */
export function nodePod(number: number): PodAddresses {
  return pod(number);
}

/** A host of any other name: `number` is 3 to 9. */
export function hostAddresses(name: string, number: number): HostAddresses {
  if (!(Number.isInteger(number) && number >= 3 && number <= 9)) {
    throw new RangeError(`number must be 3 to 9, got ${number}`);
  }
  return host(name, number);
}

function host(name: string, last: number): HostAddresses {
  const octet = last.toString(16).padStart(2, "0");
  return { name, mac: `02:77:00:00:00:${octet}`, ipv4: `10.77.0.${last}`, ipv6: `fd77::${last}` };
}

function pod(subnet: number): PodAddresses {
  return { ipv4: `10.244.${subnet}.10`, ipv6: `fd44::${subnet}:10` };
}
