// A BGP speaker that does as it is told:
//   node bgp-agent.mjs SOCKET_PATH OPTIONS
// OPTIONS are the speaker's, as JSON. The socket takes a request a line, `{ id, call, args }`, and
// gives an answer a line, `{ id, result }` or `{ id, error }`; between them, what happens:
// `{ peer, event, value }`. Whoever connects late is told what happened before. Octets are
// hexadecimal both ways. SIGTERM closes the speaker, upon which the process has to end by itself.
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";

const [path, options] = process.argv.slice(2);
const transport = tcpTransport();
const speaker = new Speaker({ ...JSON.parse(options), transport, clock: monotonicClock });
const listeners = [];
const happened = [];
const audience = new Set();

function tell(peer, event, value) {
  happened.push(inJson({ peer, event, value }));
  for (const socket of audience) socket.write(happened.at(-1));
}

function inJson(value) {
  const plain = (_, field) =>
    field instanceof Uint8Array ? Buffer.from(field).toString("hex") : field;
  return `${JSON.stringify(value, plain)}\n`;
}

function attributesOf({ extendedCommunities, ipv6ExtendedCommunities, others, ...rest }) {
  const octets = (text) => Uint8Array.from(Buffer.from(text, "hex"));
  return {
    ...{ origin: "igp", asPath: [], nextHop: "0.0.0.0" },
    ...rest,
    ...(extendedCommunities && { extendedCommunities: extendedCommunities.map(octets) }),
    ...(ipv6ExtendedCommunities && {
      ipv6ExtendedCommunities: ipv6ExtendedCommunities.map(octets),
    }),
    ...(others && { others: others.map((raw) => ({ ...raw, value: octets(raw.value) })) }),
  };
}

function follow(peer) {
  const { address } = peer;
  for (const event of ["established", "down", "failed", "state"]) {
    peer.on(event, (value) => tell(address, event, value));
  }
}

function peerOf(address) {
  const peer = speaker.peers.find((candidate) => candidate.address === address);
  if (peer === undefined) throw new Error(`no peer ${address}`);
  return peer;
}

const calls = {
  peer: (peerOptions) => follow(speaker.peer(peerOptions)),
  peerRange: (rangeOptions) => speaker.peerRange(rangeOptions),
  removePeer: (address) => peerOf(address).remove(),
  listen: async (listenOptions) => {
    listeners.push(await speaker.listen(listenOptions));
  },
  closeListeners: () => {
    for (const listener of listeners.splice(0)) listener.close();
  },
  announce: (prefix, attributes) => speaker.announce(prefix, attributesOf(attributes)),
  announceMany: (prefixes, attributes) =>
    speaker.routes.announceMany(prefixes, attributesOf(attributes)),
  withdraw: (prefix) => speaker.withdraw(prefix),
  withdrawMany: (prefixes) => speaker.routes.withdrawMany(prefixes),
  routesComplete: () => speaker.routesComplete(),
  gracefulShutdown: (wanted) => speaker.gracefulShutdown(wanted),
  start: (address) => peerOf(address).start(),
  stop: (address, stopOptions) => peerOf(address).stop(stopOptions),
  reset: (address, resetOptions) => peerOf(address).reset(resetOptions),
  requestRefresh: (address, family) => peerOf(address).requestRefresh(family),
  bfd: (address, state) => peerOf(address).bfd(state),
  report: (address) => {
    const { state, counters, negotiated, routes } = peerOf(address);
    return { state, counters, negotiated, routes: [...routes] };
  },
  close: (closeOptions) => speaker.close(closeOptions),
};

async function answer({ id, call, args }) {
  try {
    return inJson({ id, result: await calls[call](...args) });
  } catch (error) {
    return inJson({ id, error: `${error.name}: ${error.message}` });
  }
}

speaker.on("peer", (peer) => follow(peer));
speaker.on("refused", (address) => tell(address, "refused"));

const server = createServer((socket) => {
  for (const line of happened) socket.write(line);
  audience.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => audience.delete(socket));
  createInterface(socket).on("line", async (line) => {
    socket.write(await answer(JSON.parse(line)));
  });
});
process.once("SIGTERM", async () => {
  await speaker.close();
  server.close();
  for (const socket of audience) socket.destroy();
});
server.listen(path, () => console.log("ready"));
