import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { monotonicClock } from "@ingot/linux";
import { ControllerLoop, controllerKinds } from "./controller-loop.ts";
import { LeaderElection } from "./leader-election.ts";
import { ControllerMetrics } from "./observe/controller-metrics.ts";
import { Health } from "./observe/health.ts";
import { serveObservation } from "./observe/http.ts";
import type { Logger } from "./observe/log.ts";
import type { ControllerOptions, Running } from "./options.ts";
import type { Source } from "./source/source.ts";
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
  const { ownership = "even", ignoreExcludeLb = false, evacuateCordoned = false } = options;
  const tables = ownership === "even" ? { ignoreExcludeLb, evacuateCordoned } : undefined;
  const kinds = controllerKinds(tables !== undefined);
  health.unmet("objects", `not all of ${kinds.join(", ")} are listed yet`);
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
    migrationAnnotations: options.migrationAnnotations === true,
    tables,
    ready: () => health.met("objects"),
  });
  const election = elect(options, source, loop, logger);
  logger.info({ source: source.description, namespace: options.namespace }, "controller started");
  return {
    failed: new Promise<never>(() => {}),
    stop: async (reason) => {
      logger.info({ reason }, "controller stops");
      await loop.close();
      await election?.stop();
      await source.close();
      await server.close();
    },
  };
}

/** Lets the loop lead when this controller may; undefined when there is nobody to ask. */
function elect(
  { leaderElect = true }: ControllerOptions,
  source: Source,
  loop: ControllerLoop,
  logger: Logger,
): LeaderElection | undefined {
  const { leaderLease: store } = source;
  if (store === undefined || !leaderElect) {
    loop.lead();
    return undefined;
  }
  const identity = `${hostname()}_${randomUUID()}`;
  const election = new LeaderElection({ store, clock: monotonicClock, logger, identity });
  election.on("leading", () => {
    logger.info({ identity }, "leading");
    loop.lead(() => election.actMs);
  });
  election.on("suspended", () => loop.suspend());
  election.on("following", (leader) => {
    logger.info({ leader }, "standing by");
    loop.follow();
  });
  election.start();
  return election;
}
