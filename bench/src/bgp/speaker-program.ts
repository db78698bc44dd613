import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type PathAttributes, type Peer, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";
import { prefixesOf } from "./prefixes.ts";
import { wallMs } from "./wall-clock.ts";

// A speaker that does as it is told, in a process of its own:
//
//   node speaker-program.js SOCKET TASK-AS-JSON
//
// Prints "ready" and takes the name of a call a line at the socket; answers each with JSON.

/** Whom to speak with, and of what. */
export interface SpeakerTask {
  readonly asn: number;
  readonly localAddress: string;
  readonly peerAddress: string;
  readonly peerAsn: number;
  /** `0.0.0.0`: the speaker itself. */
  readonly nextHop: string;
  /** The routes are that many addresses in a row. */
  readonly routes: number;
}

/** When something began, and when it was done as seen from here; both by the wall clock. */
export interface Took {
  readonly startedMs: number;
  readonly doneMs: number;
}

/** What the speaker can be told. */
export type SpeakerCall = "connect" | "announce" | "withdraw" | "stop";

const [socket = "", text = "null"] = process.argv.slice(2);
const task = JSON.parse(text) as SpeakerTask;
const { asn, localAddress, peerAddress, peerAsn } = task;
const speaker = new Speaker({
  asn,
  routerId: localAddress,
  transport: tcpTransport(),
  clock: monotonicClock,
});
const prefixes = prefixesOf(task.routes);
const attributes: PathAttributes = { origin: "igp", asPath: [], nextHop: task.nextHop };
const ROUTES_A_TURN = 10_000;
let peer: Peer | undefined;

/** Each ends when its part here is done: the routes may still be on their way. */
const calls: Readonly<Record<SpeakerCall, () => void | Promise<void>>> = {
  connect: () =>
    new Promise((resolve) => {
      const isNew = peer === undefined;
      peer ??= speaker.peer({ address: peerAddress, asn: peerAsn, localAddress });
      peer.once("established", () => resolve());
      if (!isNew) peer.start();
    }),
  announce: () => change((prefix) => speaker.announce(prefix, attributes)),
  withdraw: () => change((prefix) => speaker.withdraw(prefix)),
  stop: () => peer?.stop(),
};

const server = createServer((connection) => {
  createInterface(connection).on("line", (line) => {
    void answer(line as SpeakerCall).then((took) => connection.write(`${JSON.stringify(took)}\n`));
  });
});
server.listen(socket, () => process.stdout.write("ready\n"));

/** Some at a time, so that what is changed already leaves meanwhile. */
async function change(one: (prefix: string) => void): Promise<void> {
  for (let first = 0; first < prefixes.length; first += ROUTES_A_TURN) {
    for (const prefix of prefixes.slice(first, first + ROUTES_A_TURN)) one(prefix);
    await nextTurn();
  }
}

async function answer(call: SpeakerCall): Promise<Took> {
  const startedMs = wallMs();
  await calls[call]();
  return { startedMs, doneMs: wallMs() };
}
