import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { type PathAttributes, type Peer, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";
import { prefixesOf } from "./prefixes.ts";

// Keeps many sessions up while one of them is told of many routes, again and again:
//
//   node peers-program.js TASK-AS-JSON
//
// Prints a line of JSON: once all sessions are Established, after each round, and after a rest in
// which any hold timer would have run out. The sessions stay until SIGTERM.

/** What to do. */
export interface PeersTask {
  /** Of the speakers, one for each session; the first one announces. */
  readonly localAddresses: readonly string[];
  readonly firstAsn: number;
  readonly peerAddress: string;
  readonly peerAsn: number;
  readonly holdTimeS: number;
  readonly routes: number;
  /** Routes announced or withdrawn in one turn of the event loop. */
  readonly routesATurn: number;
  readonly rounds: number;
}

/** A round, or all of it. */
export interface PeersFigures {
  readonly what: "ready" | "round" | "rest";
  readonly established: number;
  /** Sessions that ended, since all were Established. */
  readonly down: number;
  /** From the first change to the last octet handed to the socket; 0 outside of a round. */
  readonly announceMs: number;
  readonly withdrawMs: number;
  /** The longest that the event loop was late since the last figures. */
  readonly stallMs: number;
  /** KEEPALIVEs sent by all sessions since the last figures. */
  readonly keepalives: number;
  /** The longest that any session sent nothing since the last figures. */
  readonly silenceMs: number;
}

const task = JSON.parse(process.argv[2] ?? "") as PeersTask;
const attributes: PathAttributes = { origin: "igp", asPath: [], nextHop: "0.0.0.0" };
const prefixes = prefixesOf(task.routes);
const delay = monitorEventLoopDelay({ resolution: 1 });
const peers: Peer[] = [];
let down = 0;
let saidBefore = 0;
let silenceMs = 0;
/** Messages that each peer was sent, and since when no more. */
const lastSent = new Map<Peer, { messages: number; atMs: number }>();

const speakers = task.localAddresses.map(
  (routerId, i) =>
    new Speaker({
      asn: task.firstAsn + i,
      routerId,
      transport: tcpTransport(),
      clock: monotonicClock,
    }),
);
const [announcer] = speakers;
if (announcer === undefined) throw new Error("localAddresses must not be empty");
// One after the other: the peer's queue of connections is short.
for (const [i, speaker] of speakers.entries()) {
  const { peerAddress: address, peerAsn: asn, holdTimeS } = task;
  const localAddress = task.localAddresses[i] ?? "";
  const peer = speaker.peer({ address, asn, holdTimeS, localAddress });
  peers.push(peer);
  await new Promise<void>((resolve) => peer.once("established", () => resolve()));
  peer.on("down", () => {
    down += 1;
  });
}
delay.enable();
setInterval(listen, 100).unref();
say("ready");
for (let round = 1; round <= task.rounds; round += 1) {
  delay.reset();
  const announceMs = await sent((prefix) => announcer.announce(prefix, attributes));
  const withdrawMs = await sent((prefix) => announcer.withdraw(prefix));
  say("round", announceMs, withdrawMs);
}
delay.reset();
await sleep(1_500 * task.holdTimeS);
say("rest");
process.once("SIGTERM", () => {
  void Promise.all(speakers.map((speaker) => speaker.close())).then(() => process.exit());
});

/** Does something with every route, and returns once the announcer has sent it. */
async function sent(change: (prefix: string) => void): Promise<number> {
  const start = performance.now();
  for (let first = 0; first < prefixes.length; first += task.routesATurn) {
    for (const prefix of prefixes.slice(first, first + task.routesATurn)) change(prefix);
    await nextTurn();
  }
  const told = announcer?.routes.size;
  while (peers[0]?.counters.sent?.advertised !== told) await sleep(1);
  return performance.now() - start;
}

/** Notices who has been silent for how long. */
function listen(): void {
  const now = performance.now();
  for (const peer of peers) {
    const { messagesSent: messages } = peer.counters;
    const before = lastSent.get(peer);
    if (before !== undefined) silenceMs = Math.max(silenceMs, now - before.atMs);
    if (before?.messages !== messages) lastSent.set(peer, { messages, atMs: now });
  }
}

function say(what: PeersFigures["what"], announceMs = 0, withdrawMs = 0): void {
  const said = peers.reduce((sum, { counters }) => sum + counters.messagesSent, 0);
  const figures: PeersFigures = {
    what,
    established: peers.filter(({ state }) => state === "established").length,
    down,
    announceMs,
    withdrawMs,
    stallMs: delay.max / 1e6,
    keepalives: said - saidBefore,
    silenceMs,
  };
  saidBefore = said;
  silenceMs = 0;
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
