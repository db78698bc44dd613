import type { Clock } from "../clock.ts";
import type { KubeClient, KubeRequest } from "../kube/client.ts";

/**
 * A request that is over after so many milliseconds, waits that the server asks for included. The
 * server is told the limit too: what reaches it in time must not take effect much later.
 *
 * @throws {KubeError} with reason `Aborted` when the time was over; it may have taken effect then.
 */
export async function requestWithin(
  client: KubeClient,
  clock: Clock,
  withinMs: number,
  request: Pick<KubeRequest, "method" | "path" | "body" | "isAnswerIgnored">,
): Promise<unknown> {
  const controller = new AbortController();
  const cancel = clock.setTimer(withinMs, () => controller.abort());
  const query = { timeout: `${Math.max(1, Math.floor(withinMs))}ms` };
  try {
    return await client.request({ ...request, query, signal: controller.signal });
  } finally {
    cancel();
  }
}
