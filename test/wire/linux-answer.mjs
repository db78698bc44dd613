// Answers ARP for one address on one interface, and prints what its port tells:
//   node linux-answer.mjs INTERFACE ADDRESS [all]
// SIGUSR1 prints counters and open descriptors, SIGUSR2 lets the next frame's listener throw,
// SIGTERM closes everything, upon which the process has to end by itself.
import { readdirSync } from "node:fs";
import { LinkMonitor, openArpSocket } from "@ingot/linux";

const [name, address, accept = "requests"] = process.argv.slice(2);
const target = address.split(".").map(Number);
const links = await LinkMonitor.open();
const port = openArpSocket({ interface: name, links, accept });
let ups = 0;
let throwNext = false;

port.onUp = () => {
  ups += 1;
  console.log(`up ${ups} ${Buffer.from(port.mac).toString("hex")}`);
};
if (port.isUp) port.onUp();
port.onOpenFailed = (error) => console.log(`open failed: ${error.message}`);
port.onFrame = (frame) => {
  if (throwNext) {
    throwNext = false;
    throw new Error("a listener's own fault");
  }
  if (target.some((octet, i) => frame[38 + i] !== octet)) return;
  if (frame[21] !== 1) {
    console.log(`saw operation ${frame[21]}`);
    return;
  }
  const reply = new Uint8Array(60);
  reply.set(frame.subarray(6, 12), 0);
  reply.set(port.mac, 6);
  reply.set([8, 6, 0, 1, 8, 0, 6, 4, 0, 2], 12);
  reply.set(port.mac, 22);
  reply.set(target, 28);
  reply.set(frame.subarray(22, 32), 32);
  port.send(reply);
};
links.on("link", (link) => {
  if (link.name === name) console.log(`is ${port.isUp ? "up" : "down"}`);
});

process.on("SIGUSR1", () => {
  const descriptors = readdirSync("/proc/self/fd").length;
  console.log(`report ${JSON.stringify({ ...port.stats(), isUp: port.isUp, descriptors })}`);
});
process.on("SIGUSR2", () => {
  throwNext = true;
  console.log("armed");
});
process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));
process.once("SIGTERM", () => {
  port.close();
  port.close();
  console.log(`sent after close: ${port.send(new Uint8Array(60))}`);
  links.close();
});
console.log("ready");
