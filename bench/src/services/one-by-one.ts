import { fileURLToPath } from "node:url";
import { until } from "@ingot/testkit";
import type { Served } from "./client-program.ts";
import type { ServiceLab } from "./lab.ts";
import { firstRoutes } from "./route-log.ts";

/** From the request to create each Service, in milliseconds. */
export interface Delays {
  readonly createdMs: readonly number[];
  readonly addressMs: readonly number[];
  readonly routeMs: readonly number[];
}

/**
 * Creates Services named `prefix-N`, each so long after the last one had its address, and measures
 * until the first route to each is in BIRD.
 */
export async function oneByOne(
  lab: ServiceLab,
  prefix: string,
  count: number,
  gapMs: number,
): Promise<Delays> {
  const { cluster, bird } = lab;
  // Asked again and again, BIRD would answer instead of taking routes in; its log has the times.
  await bird.ask("debug all { routes }");
  const args = [PROGRAM, cluster.kubeconfig("admin"), prefix, `${count}`, `${gapMs}`];
  const timeoutMs = count * (gapMs + MOST_MS);
  const { stdout } = await cluster.controlPlane.exec(process.execPath, args, { timeoutMs });
  const served = JSON.parse(stdout) as readonly Served[];
  const wanted = new Set(served.map(({ address }) => address));
  let routes = new Map<string, number>();
  await until(
    () => {
      routes = firstRoutes(lab.routerLog(), wanted);
      return routes.size === wanted.size;
    },
    { timeoutMs: 10_000, intervalMs: 100, what: `routes to ${count} Services` },
  );
  await bird.ask("debug all off");
  return {
    createdMs: served.map(({ createdMs }) => createdMs),
    addressMs: served.map(({ addressMs }) => addressMs),
    routeMs: served.map(({ address, askedAt }) => (routes.get(address) ?? Number.NaN) - askedAt),
  };
}

const PROGRAM = fileURLToPath(new URL("./client-program.js", import.meta.url));
const MOST_MS = 500;
