// Runs as a program of its own: `node probe-program.mjs PORT ADDRESS...`, in a client's namespace. It sends
// a numbered datagram to each address every 2 ms, and says for each answered one, and for each that was not
// answered within 300 ms, in one line a datagram: ADDRESS, when it was sent (ms), and who answered or "-".
// It ends once it has reported what it sent before SIGTERM.
import { createSocket } from "node:dgram";

const [port, ...addresses] = process.argv.slice(2);
const INTERVAL_MS = 2;
const PATIENCE_MS = 300;
let ended = false;
const probes = addresses.map((address) => {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const waiting = new Map();
  let next = 0;
  const report = (number, who) => {
    const sentMs = waiting.get(number);
    if (sentMs === undefined) return;
    waiting.delete(number);
    console.log(`${address} ${sentMs.toFixed(2)} ${who}`);
  };
  socket.on("message", (message) => {
    const [who, number] = message.toString().split(" ");
    report(Number(number), who);
  });
  // No route to it at the moment: it stays unanswered, as anything that is lost.
  socket.on("error", () => {});
  const send = (now) => {
    waiting.set(next, now);
    socket.send(String(next), Number(port), address, () => {});
    next += 1;
  };
  const expire = (now) => {
    for (const [number, sentMs] of waiting) {
      if (now - sentMs < PATIENCE_MS) break;
      report(number, "-");
    }
    return waiting.size > 0;
  };
  return { socket, send, expire };
});

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
let due = nowMs();
const timer = setInterval(() => {
  const now = nowMs();
  // A timer that is late does not lead to fewer datagrams.
  for (; !ended && due <= now; due += INTERVAL_MS) for (const { send } of probes) send(now);
  const open = probes.map(({ expire }) => expire(now)).some(Boolean);
  if (!ended || open) return;
  clearInterval(timer);
  for (const { socket } of probes) socket.close();
}, INTERVAL_MS);
process.on("SIGTERM", () => {
  ended = true;
});
