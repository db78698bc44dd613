import { readFileSync, writeFileSync } from "node:fs";
import { Bird, type Lab, type LabNamespace, type LabProcess, launch, until } from "@ingot/testkit";
import {
  birdConfig,
  type Ends,
  exaBgpConfig,
  goBgpConfig,
  RECEIVER_ASN,
} from "./configurations.ts";
import { type Sender, type SenderRound, type Stage, tableRound, wholeRound } from "./sender.ts";
import { SpeakerProcess } from "./speaker-process.ts";
import { wallMs } from "./wall-clock.ts";

/** Where a sender runs, and how it reaches the receiver. */
export interface Place {
  readonly lab: Lab;
  readonly ns: LabNamespace;
  readonly ends: Ends;
}

/** Ingot's speaker, routes announced one by one. */
export async function ingotSender({ lab, ns, ends }: Place, stage: Stage): Promise<Sender> {
  const { asn, local, peer } = ends;
  const speaker = await SpeakerProcess.start(lab, ns, {
    asn,
    localAddress: local,
    peerAddress: peer,
    peerAsn: RECEIVER_ASN,
    nextHop: "0.0.0.0",
    routes: stage.routes,
  });
  const started = async (call: Parameters<SpeakerProcess["call"]>[0]) =>
    (await speaker.call(call)).startedMs;
  const remote = {
    connect: () => started("connect"),
    announce: () => started("announce"),
    withdraw: () => started("withdraw"),
    disconnect: () => started("stop"),
  };
  return {
    name: "ingot",
    round: () => wholeRound("ingot", remote, stage),
    peakOctets: () => peakOctets(speaker.process),
    stop: () => speaker.stop(),
  };
}

/** BIRD, its routes in a table of their own that is joined to the one it announces. */
export async function birdSender({ lab, ns, ends }: Place, stage: Stage): Promise<Sender> {
  const config = birdConfig(ends, stage.routes);
  const name = `${ns.name}-${stage.routes}`;
  const bird = await Bird.start(ns, { directory: lab.directory, name, config });
  const asked = async (command: string) => {
    const atMs = wallMs();
    await bird.ask(command);
    return atMs;
  };
  const remote = {
    connect: () => asked("enable receiver"),
    announce: () => asked("enable release"),
    withdraw: () => asked("disable release"),
    disconnect: () => asked("disable receiver"),
  };
  return {
    name: "bird",
    round: () => wholeRound("bird", remote, stage),
    peakOctets: () => peakOctets(bird.process),
    stop: () => bird.stop(),
  };
}

/** GoBGP, which was given its routes by another speaker before. */
export async function goBgpSender({ lab, ns, ends }: Place, stage: Stage): Promise<Sender> {
  const { routes } = stage;
  const [own, fed] = ["127.0.0.1", "127.0.0.2"];
  const file = `${lab.directory}/${ns.name}-${routes}.toml`;
  writeFileSync(file, goBgpConfig(ends, { asn: FEEDER_ASN, local: fed, peer: own }));
  const daemon = await launch(ns, {
    name: `${ns.name}-${routes}`,
    directory: lab.directory,
    command: "gobgpd",
    args: ["-f", file, "--log-plain", "-l", "error"],
    ready: () => ns.exec("gobgp", ["global"]),
    timeoutMs: 15_000,
  });
  const feeder = await SpeakerProcess.start(lab, ns, {
    asn: FEEDER_ASN,
    localAddress: fed,
    peerAddress: own,
    peerAsn: ends.asn,
    // It takes no address of the loopback for a next hop.
    nextHop: ends.peer,
    routes,
  });
  await feeder.call("connect");
  await feeder.call("announce");
  const summary = async () => (await ns.exec("gobgp", ["global", "rib", "summary"])).stdout;
  await until(async () => new RegExp(`Destination: ${routes},`).test(await summary()), {
    timeoutMs: 120_000,
    intervalMs: 500,
    what: `GoBGP to have ${routes} routes`,
  });
  const asked = async (verb: string) => {
    const atMs = wallMs();
    await ns.exec("gobgp", ["neighbor", ends.peer, verb]);
    return atMs;
  };
  const remote = { connect: () => asked("enable"), disconnect: () => asked("disable") };
  return {
    name: "gobgp",
    round: () => tableRound("gobgp", remote, stage),
    peakOctets: () => peakOctets(daemon),
    stop: async () => {
      await feeder.stop();
      await daemon.stop();
    },
  };
}

/** ExaBGP, started for each round: its routes are in its configuration, and it connects by itself. */
export function exaBgpSender({ lab, ns, ends }: Place, stage: Stage): Sender {
  const file = `${lab.directory}/${ns.name}-${stage.routes}.conf`;
  writeFileSync(file, exaBgpConfig(ends, stage.routes));
  let process: LabProcess | undefined;
  let peak = 0;
  const remote = {
    connect: async () => {
      const atMs = wallMs();
      process = ns.spawn("exabgp", [file], { env: EXABGP, logFile: `${file}.log` });
      return atMs;
    },
    disconnect: async () => {
      if (process !== undefined) peak = Math.max(peak, peakOctets(process));
      const atMs = wallMs();
      process?.kill("SIGTERM");
      return atMs;
    },
  };
  return {
    name: "exabgp",
    round: async (): Promise<SenderRound> => {
      const round = await tableRound("exabgp", remote, stage);
      await process?.stop();
      return round;
    },
    peakOctets: () => peak,
    stop: async () => process?.stop("SIGKILL"),
  };
}

/** The most memory that a process has had. */
function peakOctets({ pid }: LabProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1_024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

const FEEDER_ASN = 65_099;
/** Its log says little, and nobody asks it anything. */
const EXABGP: Readonly<Record<string, string>> = {
  "exabgp.daemon.user": "root",
  "exabgp.daemon.drop": "false",
  "exabgp.api.cli": "false",
  "exabgp.log.level": "WARNING",
};
