import { createSocket } from "node:dgram";

// Runs on the client of the quick start: asks the address a hundred times a second who answers, and
// prints a line of JSON whenever that changes, with the time the client was without an answer.
//
//   node probe-program.js ADDRESS

const [address = ""] = process.argv.slice(2);
const ECHO_PORT = 7;
const INTERVAL_MS = 10;
/** Shorter gaps are the scheduler's, not the network's. */
const NOTICEABLE_MS = 50;

const socket = createSocket("udp4");
let node = "";
let lastAnswer = performance.now();

socket.on("message", (answer) => {
  const now = performance.now();
  const gapMs = Math.round(now - lastAnswer);
  lastAnswer = now;
  const from = answer.toString();
  if (from === node && gapMs < NOTICEABLE_MS) return;
  node = from;
  process.stdout.write(`${JSON.stringify({ node, gapMs })}\n`);
});
// While nobody answers the kernel says that the host cannot be reached; that is what is measured.
socket.on("error", () => {});
socket.bind(0, () => {
  setInterval(() => socket.send("?", ECHO_PORT, address, () => {}), INTERVAL_MS);
});
