import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import type { PodAddresses } from "./addresses.ts";
import { compiledProgram } from "./compiled-program.ts";
import { launch } from "./launch.ts";
import { backendPort, type Endpoint } from "./service.ts";

/**
 * A pod: a process that answers with its name over HTTP and UDP, on addresses of its own. `GET
 * /client` answers with the address of whoever asks.
 */
export interface Backend extends Endpoint {
  /** What it answers with: the name of the host that it runs on. */
  readonly name: string;
  readonly process: LabProcess;
}

/** Starts a backend on addresses that its host has already, and returns when it serves. */
export async function startBackend(
  netns: LabNamespace,
  addresses: PodAddresses,
  directory: string,
): Promise<Backend> {
  const { name } = netns;
  const { ipv4, ipv6 } = addresses;
  const pod = await launch(netns, {
    name: `backend-${name}`,
    directory,
    command: process.execPath,
    args: [compiledProgram("backend"), name, `${backendPort}`, ipv4, ipv6],
    ready: (backend) => backend.lines.includes("ready"),
    timeoutMs: 30_000,
  });
  return { name, ipv4, ipv6, process: pod };
}
