// Opens NDP ports on one interface, answers for what they joined, and does what it is asked to:
//   node linux-ndp-agent.mjs SOCKET_PATH INTERFACE [solicitations|all]
// Each connection to the socket brings one JSON request, and gets one JSON answer. SIGTERM closes
// everything, upon which the process has to end by itself.
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { LinkMonitor, openNdpSocket } from "@ingot/linux";

const [path, name, accept = "solicitations"] = process.argv.slice(2);
const links = await LinkMonitor.open();
const ports = new Map();
const leaves = new Map();
let resyncs = 0;
links.on("resynced", () => {
  resyncs += 1;
});

function port(id) {
  const opened = ports.get(id) ?? openNdpSocket({ interface: name, links, accept });
  ports.set(id, opened);
  opened.onFrame = (frame) => receive(id, opened, frame);
  opened.onJoinFailed = (error) => console.log(`${id} join failed: ${error.message}`);
  opened.onUp = () => console.log(`${id} up`);
  return opened;
}

function receive(id, opened, frame) {
  const hex = (from, to) => Buffer.from(frame.subarray(from, to)).toString("hex");
  const target = hex(62, 78);
  console.log(`${id} saw ${frame[54]} ${target} to ${frame[0] & 1 ? "group" : "one"}`);
  if (leaves.has(`${id} ${target}`)) opened.send(advertisement(frame, opened.mac));
}

/** The answer to a solicitation, from its target (RFC 4861 section 7.2.4). */
function advertisement(solicitation, mac) {
  const frame = Buffer.alloc(86);
  frame.set(solicitation.subarray(6, 12), 0);
  frame.set(mac, 6);
  frame.set([0x86, 0xdd, 0x60, 0, 0, 0, 0, 32, 58, 255], 12);
  frame.set(solicitation.subarray(62, 78), 22);
  frame.set(solicitation.subarray(22, 38), 38);
  frame.set([136, 0, 0, 0, 0x60, 0, 0, 0], 54);
  frame.set(solicitation.subarray(62, 78), 62);
  frame.set([2, 1, ...mac], 78);
  let sum = 32 + 58;
  for (let at = 22; at < 86; at += 2) sum += frame.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.writeUInt16BE(~sum & 0xffff, 56);
  return frame;
}

/** As many addresses as wanted, from one on: `[text, hex]`. */
function addresses(first, count) {
  const url = new URL(`http://[${first}]/`).hostname.slice(1, -1);
  const [head, tail = ""] = url.split("::").map((part) => (part ? part.split(":") : []));
  const groups = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  const value = BigInt(`0x${groups.map((group) => group.padStart(4, "0")).join("")}`);
  return Array.from({ length: count }, (_, i) => {
    const hex = (value + BigInt(i)).toString(16).padStart(32, "0");
    return [hex.match(/.{4}/g).join(":"), hex];
  });
}

const requests = {
  join: ({ id, address, count = 1 }) => {
    const opened = port(id);
    for (const [text, hex] of addresses(address, count))
      leaves.set(`${id} ${hex}`, opened.join(text));
  },
  leave: ({ id, address, count = 1 }) => {
    for (const [, hex] of addresses(address, count)) {
      leaves.get(`${id} ${hex}`)();
      // Once more changes nothing.
      leaves.get(`${id} ${hex}`)();
      leaves.delete(`${id} ${hex}`);
    }
  },
  joinGroup: ({ id, group }) => void port(id).joinGroup(group),
  close: ({ id }) => port(id).close(),
  report: ({ id }) => {
    const { isUp } = port(id);
    const descriptors = readdirSync("/proc/self/fd").length;
    return { ...port(id).stats(), isUp, resyncs, descriptors };
  },
};

const server = createServer((connection) => {
  connection.once("data", (line) => {
    const request = JSON.parse(line);
    connection.end(JSON.stringify(requests[request.type](request) ?? {}));
  });
});
process.once("SIGTERM", () => {
  for (const opened of ports.values()) opened.close();
  links.close();
  server.close();
});
server.listen(path, () => console.log("ready"));
