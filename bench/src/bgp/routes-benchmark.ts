import { loadavg } from "node:os";
import { Lab, type LabNamespace, missing } from "@ingot/testkit";
import type { Benchmark, Findings, Settings } from "../report.ts";
import { type Ends, receiverConfig } from "./configurations.ts";
import { Receiver } from "./receiver.ts";
import { type Part, SENDERS, type SenderName, tablesOf, targetsOf } from "./routes-report.ts";
import type { Sender, SenderRound, Stage } from "./sender.ts";
import { birdSender, exaBgpSender, goBgpSender, ingotSender, type Place } from "./senders.ts";

/** How long until a router has all routes, and until it has none, beside who else announces. */
export const routesBenchmark: Benchmark = { name: "bgp-routes", run };

async function run(
  say: (progress: string) => void,
  { rounds = ROUNDS }: Settings,
): Promise<Findings> {
  const obstacle = missing(["netns", "bird", "gobgpd", "exabgp"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const lab = await Lab.create({ name: `b9r${process.pid}` });
  try {
    const places = await layCables(lab);
    const receiver = await lab.namespace("receiver");
    await connect(lab, receiver, places);
    const parts: Part[] = [];
    for (const routes of SIZES) {
      parts.push(await runPart({ lab, ns: receiver, places }, routes, rounds, say));
    }
    return {
      notes: [
        `${rounds} rounds, in each every sender in turn, after one of Ingot's that is not counted; ` +
          "a BIRD receives, and is looked at every 10 ms",
        `load average in the rounds: ${parts.map(({ loads }) => loads.map((x) => x.toFixed(1)).join(" ")).join("; ")}`,
      ],
      tables: parts.flatMap(tablesOf),
      targets: parts.flatMap(targetsOf),
      figures: { rounds, parts },
    };
  } finally {
    await lab.close();
  }
}

interface Bed {
  readonly lab: Lab;
  readonly ns: LabNamespace;
  readonly places: Readonly<Record<SenderName, Place>>;
}

async function runPart(
  { lab, ns, places }: Bed,
  routes: number,
  rounds: number,
  say: (progress: string) => void,
): Promise<Part> {
  say(`${routes} routes: starting everybody`);
  const ends = Object.fromEntries(SENDERS.map((name) => [name, places[name].ends]));
  const receiver = await Receiver.start(lab, ns, receiverConfig(ends));
  const stage: Stage = { receiver, routes };
  const ingot = await ingotSender(places.ingot, stage);
  const senders: readonly Sender[] = [
    ingot,
    await birdSender(places.bird, stage),
    await goBgpSender(places.gobgp, stage),
    exaBgpSender(places.exabgp, stage),
  ];
  const cold = await ingot.round();
  const found: Record<SenderName, SenderRound[]> = { ingot: [], bird: [], gobgp: [], exabgp: [] };
  const loads: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    loads.push(loadavg()[0] ?? 0);
    for (const sender of round % 2 === 0 ? senders.toReversed() : senders) {
      const took = await sender.round();
      found[sender.name].push(took);
      say(`${routes} routes, round ${round} of ${rounds}, ${sender.name}: ${describe(took)}`);
    }
  }
  const peaks = Object.fromEntries(senders.map((sender) => [sender.name, sender.peakOctets()]));
  for (const sender of senders) await sender.stop();
  await receiver.stop();
  return { routes, cold, rounds: found, peaks, loads };
}

function describe(took: SenderRound): string {
  return Object.entries(took)
    .map(([what, ms]) => `${what} ${Math.round(ms)} ms`)
    .join(", ");
}

/** A host for each sender. */
async function layCables(lab: Lab): Promise<Readonly<Record<SenderName, Place>>> {
  const place = async (name: SenderName, number: number): Promise<Place> => {
    const net = `198.18.${number}`;
    const ends: Ends = { asn: 65_000 + number, local: `${net}.1`, peer: `${net}.2` };
    return { lab, ns: await lab.namespace(name), ends };
  };
  return {
    ingot: await place("ingot", 1),
    bird: await place("bird", 2),
    gobgp: await place("gobgp", 3),
    exabgp: await place("exabgp", 4),
  };
}

async function connect(
  lab: Lab,
  receiver: LabNamespace,
  places: Readonly<Record<SenderName, Place>>,
): Promise<void> {
  for (const name of SENDERS) {
    const { ns, ends } = places[name];
    await lab.link(
      { ns, name: "eth0", addresses: [`${ends.local}/24`] },
      { ns: receiver, name, addresses: [`${ends.peer}/24`] },
    );
  }
}

const ROUNDS = 5;
const SIZES = [100_000, 1_000_000] as const;
