// Opens the sockets of BFD, and does what it is asked to:
//   node --expose-gc linux-udp-agent.mjs SOCKET_PATH
// Each connection to the socket brings one JSON request, and gets one JSON answer. What is received
// is told on standard output. SIGTERM closes everything, upon which the process has to end by itself.
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { bfdSockets, LinkMonitor, monotonicClock } from "@ingot/linux";

const [path] = process.argv.slice(2);
const links = await LinkMonitor.open();
const sockets = bfdSockets(links);
const opened = new Map();
let received = 0;

const open = {
  receiver(id, options) {
    const receiver = sockets.openReceiver(options);
    receiver.onPacket = (bytes, { address }) => {
      received += 1;
      if (bytes.length < 100) console.log(`${id} got ${Buffer.from(bytes)} from ${address}`);
    };
    return receiver;
  },
  sender: (_, options) => sockets.openSender(options),
  echo(id, { verdict, ...options }) {
    const echo = sockets.openEcho(options);
    echo.onEcho = (payload) => {
      console.log(`${id} echo ${Buffer.from(payload)}`);
      return verdict;
    };
    return echo;
  },
};

const requests = {
  open: ({ id, kind, options }) => {
    try {
      opened.set(id, open[kind](id, options));
      return { sourcePort: opened.get(id).sourcePort };
    } catch (error) {
      return { error: `${error.name}: ${error.message}` };
    }
  },
  openMany: ({ count, options }) => {
    const senders = Array.from({ length: count }, () => sockets.openSender(options));
    senders.forEach((sender, i) => {
      opened.set(`many${i}`, sender);
    });
    return { ports: senders.map(({ sourcePort }) => sourcePort) };
  },
  send: ({ id, text }) => ({ sent: opened.get(id).send(Buffer.from(text)) }),
  /** A burst each 10 ms. */
  flood: async ({ id, perSecond, seconds }) => {
    const bytes = new Uint8Array(100);
    const start = monotonicClock.now();
    let sent = 0;
    for (let tick = 1; tick <= seconds * 100; tick += 1) {
      for (let i = 0; i < perSecond / 100; i += 1) sent += opened.get(id).send(bytes) ? 1 : 0;
      await new Promise((resolve) => {
        monotonicClock.setTimer(start + tick * 10 - monotonicClock.now(), resolve);
      });
    }
    return { sent };
  },
  close: ({ id }) => opened.get(id).close(),
  report: () => {
    globalThis.gc();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    const descriptors = readdirSync("/proc/self/fd").length;
    return { received, descriptors, memoryBytes: heapUsed + external + arrayBuffers, rss };
  },
};

const server = createServer((socket) => {
  socket.once("data", async (line) => {
    const request = JSON.parse(line);
    socket.end(JSON.stringify((await requests[request.type](request)) ?? {}));
  });
});
process.on("uncaughtException", (error) => console.log(`uncaught: ${error.stack}`));
process.once("SIGTERM", () => {
  for (const socket of opened.values()) {
    socket.close();
    socket.close();
  }
  links.close();
  server.close();
});
server.listen(path, () => console.log("ready"));
