// Opens a hello socket, and does what it is asked to:
//   node linux-hello-agent.mjs SOCKET_PATH INTERFACE PORT
// Each connection to the socket brings one JSON request, and gets one JSON answer. What happens is
// told on standard output. SIGTERM closes everything, upon which the process has to end by itself.
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { LinkMonitor, monotonicClock, openHelloSocket } from "@ingot/linux";

const [path, name, number] = process.argv.slice(2);
const links = await LinkMonitor.open();
const port = openHelloSocket({ interface: name, links, port: Number(number) });
port.onUp = () => console.log(`up ${Buffer.from(port.mac).toString("hex")}`);
port.onDown = () => console.log("down");
port.onOpenFailed = (error) => console.log(`failed: ${error.message}`);
port.onDatagram = (bytes, from) => {
  if (bytes.length >= 100) return;
  const text = `${Buffer.from(bytes)}`;
  console.log(`got ${text} from ${from}`);
  if (text === "throw") throw new Error("a listener's own fault");
};
if (port.isUp) port.onUp();
links.on("resynced", () => console.log("resynced"));

const requests = {
  send: ({ text, to }) => {
    try {
      return { sent: port.send(Buffer.from(text), to) };
    } catch (error) {
      return { error: `${error.name}: ${error.message}` };
    }
  },
  /** Different hellos of 100 octets, a burst each 10 ms. */
  flood: async ({ perSecond, seconds }) => {
    const start = monotonicClock.now();
    for (let tick = 1; tick <= seconds * 100; tick += 1) {
      for (let i = 0; i < perSecond / 100; i += 1) {
        port.send(Buffer.from(`${tick} ${i} `.padEnd(100)));
      }
      await new Promise((resolve) => {
        monotonicClock.setTimer(start + tick * 10 - monotonicClock.now(), resolve);
      });
    }
  },
  close: () => port.close(),
  report: () => {
    const { user, system } = process.cpuUsage();
    const descriptors = readdirSync("/proc/self/fd").length;
    return { ...port.stats(), isUp: port.isUp, descriptors, cpuMs: (user + system) / 1_000 };
  },
};

const server = createServer((socket) => {
  socket.once("data", async (line) => {
    const request = JSON.parse(line);
    socket.end(JSON.stringify((await requests[request.type](request)) ?? {}));
  });
});
process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));
process.once("SIGTERM", () => {
  port.close();
  port.close();
  console.log(`sent after close: ${port.send(Buffer.from("late"))}`);
  links.close();
  server.close();
});
server.listen(path, () => console.log("ready"));
