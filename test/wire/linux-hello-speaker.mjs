// One node that shares out addresses with others, by hellos on one interface:
//   node linux-hello-speaker.mjs SOCKET_PATH OPTIONS
// OPTIONS is JSON: `{ node, interface, port, secret, addresses, table, eligible }`. It answers for
// nothing on the wire; what it would do is told on standard output, a line of JSON each, with the time
// of day. Each connection to the socket gets a report.
import { createServer } from "node:net";
import { LinkMonitor, monotonicClock, openHelloSocket } from "@ingot/linux";
import { Keyring, OwnershipNode, parseTable } from "@ingot/ownership";

const [path, json] = process.argv.slice(2);
const options = JSON.parse(json);
const links = await LinkMonitor.open();
const port = openHelloSocket({ interface: options.interface, links, port: options.port });
const node = new OwnershipNode({
  node: options.node,
  boot: Date.now(),
  keys: new Keyring([Buffer.from(options.secret)]),
  random: Math.random,
  // Nobody here answers what the proof would ask.
  proof: "off",
});
const answering = new Set();
let cancelTimer = () => {};

port.onUp = () => {
  const mac = Buffer.from(port.mac).readUIntBE(0, 6);
  handle({ type: "up", interface: options.interface, mac });
};
port.onDown = () => handle({ type: "down", interface: options.interface });
port.onOpenFailed = (error) => console.error(error.message);
port.onDatagram = (bytes, from) => {
  handle({ type: "datagram", interface: options.interface, from, bytes });
};
handle({
  type: "desired",
  groups: [
    {
      name: "default/web",
      addresses: options.addresses,
      table: parseTable(options.table),
      eligible: new Map(options.eligible.map((name) => [name, 0])),
      interfaces: [options.interface],
    },
  ],
});
if (port.isUp) port.onUp();

function handle(input) {
  for (const output of node.handle(input, monotonicClock.now())) carryOut(output);
  cancelTimer();
  const delayMs = node.deadline - monotonicClock.now();
  cancelTimer = monotonicClock.setTimer(delayMs, () => handle({ type: "tick" }));
}

function carryOut(output) {
  if (output.type === "send") {
    port.send(output.bytes, output.to);
    return;
  }
  if (output.type === "start") answering.add(output.address);
  if (output.type === "stop") answering.delete(output.address);
  console.log(JSON.stringify({ at: Date.now(), ...output }));
}

function report() {
  const { received, rejected } = node.counters;
  const peers = [...node.peers].map(([name, peer]) => [name, peer.stateOn(options.interface)]);
  return {
    answering: [...answering],
    holder: node.holder(options.addresses[0])?.node,
    peers: Object.fromEntries(peers),
    received,
    rejected: Object.fromEntries(rejected),
    stats: port.stats(),
  };
}

const server = createServer((socket) => socket.end(JSON.stringify(report())));
process.once("SIGTERM", () => {
  cancelTimer();
  port.close();
  links.close();
  server.close();
});
server.listen(path, () => console.log("ready"));
