import type { Sample } from "@ingot/testkit";

/** Writes that an API server has answered, by what was written. */
export interface Writes {
  /** Of a Service's status. */
  readonly status: number;
  readonly event: number;
  /** Of a pool's status. */
  readonly pool: number;
  /** Everything else but Leases, and Services themselves and their ClusterIPs, which the benchmark makes. */
  readonly other: number;
}

/** Counts them from the server's own `apiserver_request_total`. */
export function countWrites(samples: readonly Sample[]): Writes {
  const writes = { status: 0, event: 0, pool: 0, other: 0 };
  for (const { name, labels, value } of samples) {
    const { verb = "", resource, subresource } = labels;
    if (name !== "apiserver_request_total" || !WRITING.has(verb)) continue;
    if (resource === "services" && subresource === "status") writes.status += value;
    else if (resource === "ipaddresspools" && subresource === "status") writes.pool += value;
    else if (resource === "events") writes.event += value;
    else if (!NOT_COUNTED.has(resource ?? "")) writes.other += value;
  }
  return writes;
}

/** What was written between two counts. */
export function writesSince(before: Writes, after: Writes): Writes {
  return {
    status: after.status - before.status,
    event: after.event - before.event,
    pool: after.pool - before.pool,
    other: after.other - before.other,
  };
}

/** All of them. */
export function sumOf({ status, event, pool, other }: Writes): number {
  return status + event + pool + other;
}

const NOT_COUNTED = new Set(["leases", "services", "ipaddresses"]);
const WRITING = new Set(["POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"]);
