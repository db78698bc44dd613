// Hears the hellos on an interface, and sends what nobody should believe:
//   node ownership-intruder.mjs INTERFACE PORT ADDRESS NODE
// Recordings, cut off and altered ones, and the hellos of another NODE under a key of its own, which
// claims the ADDRESS with a table of the far future.
import { LinkMonitor, monotonicClock, openHelloSocket } from "@ingot/linux";
import { Keyring, OwnershipNode, parseTable } from "@ingot/ownership";

const SEQUENCE_OFFSET = 14;
const [name, port, address, node] = process.argv.slice(2);
const links = await LinkMonitor.open();
const socket = openHelloSocket({ interface: name, links, port: Number(port) });
const recorded = [];
socket.onDatagram = (bytes) => recorded.push(bytes);
const pause = (ms) => new Promise((done) => monotonicClock.setTimer(ms, done));
while (recorded.length < 30) await pause(10);
console.log("recorded");

const impostor = new OwnershipNode({
  node,
  boot: Date.now(),
  keys: new Keyring([new Uint8Array(32).fill(66)]),
  random: Math.random,
});
const group = {
  name: "default/web",
  addresses: [address],
  table: parseTable(`4294967295:${node}`),
  eligible: new Map([[node, 0]]),
  interfaces: [name],
};
const feed = (input) => {
  for (const output of impostor.handle(input, monotonicClock.now())) {
    if (output.type === "send") socket.send(output.bytes);
  }
};
feed({ type: "desired", groups: [group] });
feed({ type: "up", interface: name, mac: 0x0200_0000_0bad });
for (let round = 0; round < 100; round++) {
  for (const bytes of recorded.slice(0, 30)) {
    socket.send(bytes);
    socket.send(bytes.subarray(0, bytes.length - 17));
    socket.send(bytes.subarray(0, 5));
    const later = bytes.slice();
    // Of a later sequence number, so that it is no recording; its seal does not fit.
    later[SEQUENCE_OFFSET + 1] = 1 + round;
    socket.send(later);
  }
  feed({ type: "tick" });
  await pause(10);
}
console.log("sent");
socket.close();
links.close();
