import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { Lab, type LabProcess, missing } from "@ingot/testkit";
import type { Benchmark, Findings, Settings } from "../report.ts";
import type { Table } from "../table.ts";
import { target } from "../target.ts";
import { manyPeersConfig, RECEIVER_ASN } from "./configurations.ts";
import type { PeersFigures, PeersTask } from "./peers-program.ts";
import { Receiver } from "./receiver.ts";

/** Whether 200 sessions with a short hold time live through a million routes that leave on one. */
export const peersBenchmark: Benchmark = { name: "bgp-peers", run };

async function run(
  say: (progress: string) => void,
  { rounds = ROUNDS }: Settings,
): Promise<Findings> {
  const obstacle = missing(["netns", "bird"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const lab = await Lab.create({ name: `b9p${process.pid}` });
  try {
    const [ours, theirs] = [await lab.namespace("ours"), await lab.namespace("theirs")];
    const localAddresses = Array.from({ length: SESSIONS }, (_, i) => `198.19.1.${i + 1}`);
    await lab.link(
      { ns: ours, name: "eth0", addresses: localAddresses.map((address) => `${address}/16`) },
      { ns: theirs, name: "eth0", addresses: [`${PEER}/16`] },
    );
    const bird = await Receiver.start(lab, theirs, manyPeersConfig(PEER, "198.19.1.0/24"));
    const task = { ...TASK, localAddresses, rounds };
    const before = loadavg()[0] ?? 0;
    const speakers = ours.spawn(process.execPath, [PROGRAM, JSON.stringify(task)]);
    const said = await follow(speakers, rounds, say);
    const theirSessions = await bird.sessions();
    const rest = said.at(-1);
    if (rest === undefined) throw new Error("nothing was measured");
    const ended = Math.max(rest.down, SESSIONS - rest.established, SESSIONS - theirSessions);
    return {
      notes: [
        `${SESSIONS} sessions, hold time ${TASK.holdTimeS} s, each of a speaker of its own, in one ` +
          `process with one event loop; BIRD takes whoever connects`,
        `${rounds} rounds: ${TASK.routes.toLocaleString("en")} routes announced and withdrawn on one ` +
          `session, ${TASK.routesATurn} a turn of the event loop; load average ${before.toFixed(1)} before`,
      ],
      tables: [tableOf(said)],
      targets: [
        target(`of ${SESSIONS} sessions, those that ended`, "%", (100 * ended) / SESSIONS, 0),
        target(
          "longest silence of a session",
          "s",
          Math.max(...said.map(({ silenceMs }) => silenceMs)) / 1_000,
          TASK.holdTimeS / 3 + LATEST_S,
        ),
      ],
      figures: { sessions: SESSIONS, task: { ...TASK, rounds }, said, theirSessions },
    };
  } finally {
    await lab.close();
  }
}

/** Waits for the figures of each round and of the rest, which come after those of the start. */
async function follow(
  process: LabProcess,
  rounds: number,
  say: (progress: string) => void,
): Promise<readonly PeersFigures[]> {
  await process.waitForLine(/"ready"/, START_MS);
  say(`${SESSIONS} sessions are Established`);
  await process.waitForLine(/"rest"/, ROUND_MS * (rounds + 1));
  return process.lines.map((line) => JSON.parse(line) as PeersFigures).slice(1);
}

function tableOf(said: readonly PeersFigures[]): Table {
  return {
    title: `${SESSIONS} sessions while ${TASK.routes.toLocaleString("en")} routes leave on one`,
    columns: [
      ...["", "announce ms", "withdraw ms", "longest stall ms", "KEEPALIVEs"],
      ...["longest silence ms", "up", "ended"],
    ],
    rows: said.map((figures, i) => [
      i < said.length - 1 ? `round ${i + 1}` : "at rest",
      figures.announceMs.toFixed(0),
      figures.withdrawMs.toFixed(0),
      figures.stallMs.toFixed(1),
      String(figures.keepalives),
      figures.silenceMs.toFixed(0),
      String(figures.established),
      String(figures.down),
    ]),
  };
}

const SESSIONS = 200;
const PEER = "198.19.0.1";
const TASK: Omit<PeersTask, "localAddresses" | "rounds"> = {
  firstAsn: 65_001,
  peerAddress: PEER,
  peerAsn: RECEIVER_ASN,
  holdTimeS: 9,
  routes: 1_000_000,
  routesATurn: 5_000,
};
const ROUNDS = 5;
/** How much later than a third of the hold time a KEEPALIVE may be noticed: none was missed then. */
const LATEST_S = 0.5;
const PROGRAM = fileURLToPath(new URL("./peers-program.js", import.meta.url));
const START_MS = 60_000;
const ROUND_MS = 60_000;
