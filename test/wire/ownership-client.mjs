// Sends a probe each millisecond to UDP port 7000 of some addresses, and prints at each SIGUSR2 what
// became of those sent since the one before, as JSON by address:
//   node ownership-client.mjs ADDRESS...
import { createSocket } from "node:dgram";

/** How long an answer is waited for. */
const WAIT_MS = 300;

const probes = process.argv.slice(2).map((address) => {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const probe = { address, socket, sent: [], answers: [] };
  // A node that has just stopped to answer for the address may say that it has no such port.
  socket.on("error", () => {});
  socket.on("message", (bytes) => {
    probe.answers[bytes.readUInt32BE()] = bytes.subarray(4).toString();
  });
  return probe;
});
let round = 0;

setInterval(() => {
  for (const { address, socket, sent } of probes) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(sent.push(performance.now()) - 1);
    socket.send(bytes, 7_000, address, () => {});
  }
}, 1);

process.on("SIGUSR2", () => {
  const ends = probes.map(({ sent }) => sent.length);
  setTimeout(() => {
    round += 1;
    const said = probes.map((probe, i) => [probe.address, resultOf(probe, ends[i])]);
    console.log(`round ${round} ${JSON.stringify(Object.fromEntries(said))}`);
  }, WAIT_MS);
});
console.log("ready");

/** The probes up to `end`, which are forgotten with this. */
function resultOf(probe, end) {
  const first = probe.told ?? 0;
  probe.told = end;
  const nodes = new Set();
  let [lost, longestMs, answeredAt] = [0, 0, probe.sent[first] ?? 0];
  for (let i = first; i < end; i++) {
    if (probe.answers[i] === undefined) {
      lost += 1;
      continue;
    }
    nodes.add(probe.answers[i]);
    if (probe.answers[i - 1] === undefined && i > first) {
      longestMs = Math.max(longestMs, probe.sent[i] - answeredAt);
    }
    answeredAt = probe.sent[i];
  }
  return { sent: end - first, lost, longestMs: Math.round(longestMs), nodes: [...nodes] };
}
