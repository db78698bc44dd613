import { speakerLease, speakerLeaseName } from "../config/speaker-lease.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/kube-error.ts";
import type { SpeakerLease } from "./source.ts";

/**
 * Creates or renews the Lease `ingot-speaker-NODE`. Only this node writes it, so no version is
 * asked for.
 *
 * @throws {KubeError}
 */
export async function renewSpeakerLease(
  client: KubeClient,
  namespace: string,
  sign: SpeakerLease,
  nowMs: number,
): Promise<void> {
  const { node, durationMs } = sign;
  const lease = speakerLease(namespace, { ...sign, held: true, renewedMs: nowMs });
  // A hanging write must not eat the time in which a second one could still come through.
  const patience = { timeoutMs: Math.max(1_000, durationMs / 2) };
  const path = pathOf(namespace, node);
  try {
    await client.patch(path, lease, patience);
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    await client.post(collectionOf(namespace), lease, patience);
  }
}

/** Gives the Lease up, so that it no longer has a holder; one that is not there stays away. @throws {KubeError} */
export async function releaseSpeakerLease(
  client: KubeClient,
  namespace: string,
  node: string,
  nowMs: number,
): Promise<void> {
  try {
    const spec = { holderIdentity: null, renewTime: microTime(nowMs) };
    await client.patch(pathOf(namespace, node), { spec }, { timeoutMs: 2_000 });
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
}

function collectionOf(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

function pathOf(namespace: string, node: string): string {
  return `${collectionOf(namespace)}/${encodeURIComponent(speakerLeaseName(node))}`;
}

/** `2024-05-06T07:08:09.123000Z`, as a MicroTime has to be written. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status;
}
