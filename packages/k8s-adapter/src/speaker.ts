import { Worker } from "node:worker_threads";
import { LinkMonitor, monotonicClock, openNdpSocket, tcpTransport } from "@ingot/linux";
import { BfdWatches } from "./bfd/watches.ts";
import { Cables } from "./bgp/cables.ts";
import { hostAddresses } from "./bgp/host-addresses.ts";
import { BgpSessions } from "./bgp/sessions.ts";
import { Dataplane, LONGEST_RESTART_MS } from "./dataplane/dataplane.ts";
import { exclusionOf, readExclusion } from "./dataplane/exclusion.ts";
import type { WorkerTask } from "./dataplane/messages.ts";
import type { SpeakerInterface } from "./domain.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Health } from "./observe/health.ts";
import { serveObservation } from "./observe/http.ts";
import type { Logger } from "./observe/log.ts";
import { SpeakerMetrics } from "./observe/speaker-metrics.ts";
import type { Running, SpeakerOptions } from "./options.ts";
import { openSource } from "./sources.ts";
import { SpeakerLoop } from "./speaker-loop.ts";
import { StateFile } from "./state-file.ts";

/**
 * The speaker program: answers for the addresses that are this node's.
 *
 * @throws {Error} when it cannot start; the message says what to change.
 */
export async function startSpeaker(options: SpeakerOptions, logger: Logger): Promise<Running> {
  const clock = monotonicClock;
  const node = options.nodeName;
  const metrics = new SpeakerMetrics(node, Date.now);
  const health = new Health(["dataplane", "objects"]);
  health.unmet("dataplane", "worker is starting");
  health.unmet("objects", "not everything is listed yet");
  const state =
    options.stateDir === undefined
      ? undefined
      : new StateFile({ directory: options.stateDir, clock, logger, wallClock: Date.now });
  const task: WorkerTask = {
    excludedInterfaces: readExclusion(options.excludeInterfacesFile),
    refreshMs: options.gratuitousArpIntervalSeconds * 1_000,
    ownership: { ...options, node, mode: options.ownership },
  };
  const source = await openSource(options, "metallb-speaker", clock, logger, options.podName);
  const server = await serveObservation(
    { ...options, healthProbeHost: "127.0.0.1" },
    metrics,
    health,
  );
  const dataplane = new Dataplane({
    clock,
    spawn: () => new Worker(WORKER, { ...WORKER_OPTIONS, workerData: task }),
  });
  // Nobody gives an address up to a speaker that does not know yet what it has to answer for.
  let isReady = false;
  let interfaces: readonly SpeakerInterface[] = [];
  const excluded = exclusionOf(task.excludedInterfaces);
  const watches = new BfdWatches({ clock, logger, hand: (paths) => dataplane.watch(paths) });
  const cables = new Cables({
    openLinks: () => LinkMonitor.open(),
    openSocket: (links, device) => openNdpSocket({ interface: device, links, accept: "all" }),
    clock,
    logger,
  });
  const sessions = new BgpSessions({
    find: cables.find,
    node,
    watches,
    transport: tcpTransport(),
    clock,
    logger,
    addresses: () => hostAddresses(excluded),
  });
  metrics.measureBgp(() => sessions.measure());
  metrics.measureBfd(() => watches.measure());
  const heartbeat = new Heartbeat({ source, clock, logger, node });
  const loop = new SpeakerLoop({
    source,
    clock,
    logger,
    metrics,
    wallClock: Date.now,
    node,
    lbClass: options.lbClass,
    ignoreExcludeLb: options.ignoreExcludeLb,
    desire: (desired) => dataplane.desire(desired),
    contested: (addresses) => heartbeat.setConflicts(addresses),
    openSession: (settings, isStarting) => sessions.open(settings, isStarting),
    learnt: (snapshot) => state?.keep(snapshot),
    lastKnown: () => state?.read(),
    ready: () => {
      health.met("objects");
      isReady = true;
      heartbeat.beat(interfaces);
    },
  });

  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  dataplane.on("up", () => {
    metrics.setDataplaneUp(true);
    health.met("dataplane");
  });
  dataplane.on("down", (reason, retryInMs) => {
    metrics.setDataplaneUp(false);
    metrics.countDataplaneRestart();
    watches.lost();
    loop.lose();
    if (retryInMs >= LONGEST_RESTART_MS) health.break(`dataplane worker keeps ending: ${reason}`);
    health.unmet("dataplane", `worker ended (${reason}) and is started again`);
    logger.error(
      { reason, retryInMs },
      "the dataplane worker ended, nothing is answered until it is back",
    );
  });
  dataplane.on("unable", (reason) => fail(new Error(reason)));
  dataplane.on("interfaces", (found) => {
    interfaces = found;
    logger.info({ interfaces }, "interfaces to announce on");
    loop.setInterfaces(interfaces);
    if (isReady) heartbeat.beat(interfaces);
  });
  dataplane.on("kernelAnswers", (addresses) => loop.setKernelAnswers(addresses));
  dataplane.on("conflict", (sighting) => loop.see(sighting));
  dataplane.on("ownership", (news) => loop.hear(news));
  dataplane.on("ownershipCounters", (counters) => metrics.ownership.setCounters(counters));
  dataplane.on("path", (change) => watches.report(change));
  dataplane.on("pathCounters", (counters) => watches.count(counters));
  dataplane.on("counters", (counters) => metrics.setAllLayer2(counters));
  dataplane.on("log", (level, fields, message) => logger[level](fields, message));
  dataplane.start();
  loop.start();
  logger.info(
    { node, source: source.description, namespace: options.namespace },
    "speaker started",
  );

  return {
    failed,
    stop: async (reason) => {
      logger.info({ reason, answeringFor: loop.announcedServices }, "speaker stops");
      // Who has nobody to hand over to need not wait for anybody.
      await Promise.all([heartbeat.stop(), loop.hasPeers ? dataplane.leave() : undefined]);
      await loop.close(`speaker on ${node} stops`);
      watches.flush();
      state?.flush();
      await dataplane.close();
      await source.close();
      await server.close();
    },
  };
}

const WORKER = new URL("./dataplane/worker.js", import.meta.url);
// Every frame that is received makes garbage; with more room for it, collections are rarer. What that
// is worth has been measured on a busy machine only.
const WORKER_OPTIONS = { resourceLimits: { maxYoungGenerationSizeMb: 64 } } as const;
