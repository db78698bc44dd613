import { monotonicClock } from "@ingot/linux";
import { CONTROLLER_KINDS, ControllerLoop } from "./controller-loop.ts";
import { ControllerMetrics } from "./observe/controller-metrics.ts";
import { Health } from "./observe/health.ts";
import { serveObservation } from "./observe/http.ts";
import type { Logger } from "./observe/log.ts";
import type { ControllerOptions, Running } from "./options.ts";
import { openSource } from "./sources.ts";

/**
 * The controller program: gives Services their addresses.
 *
 * @throws {Error} when it cannot start; the message says what to change.
 */
export async function startController(
  options: ControllerOptions,
  logger: Logger,
): Promise<Running> {
  const metrics = new ControllerMetrics(Date.now);
  const health = new Health(["objects"]);
  health.unmet("objects", `not all of ${CONTROLLER_KINDS.join(", ")} are listed yet`);
  const source = await openSource(options, "metallb-controller", monotonicClock, logger);
  const server = await serveObservation(
    { ...options, healthProbeHost: undefined },
    metrics,
    health,
  );
  const loop = new ControllerLoop({
    source,
    clock: monotonicClock,
    random: Math.random,
    logger,
    metrics,
    wallClock: Date.now,
    lbClass: options.lbClass,
    ready: () => health.met("objects"),
  });
  loop.start();
  logger.info({ source: source.description, namespace: options.namespace }, "controller started");
  return {
    failed: new Promise<never>(() => {}),
    stop: async (reason) => {
      logger.info({ reason }, "controller stops");
      await loop.close();
      await source.close();
      await server.close();
    },
  };
}
