// A BFD speaker that does as it is told:
//   node bfd-agent.mjs SOCKET_PATH
// Each connection to the socket brings one JSON request, `{ call, args }`, and gets one JSON answer,
// `{ result }` or `{ error }`. What happens is told on standard output, a line of JSON each, with the
// time of day. Secrets are text. SIGTERM closes everything, upon which the process has to end by itself.
import { createServer } from "node:net";
import { BfdSpeaker } from "@ingot/bfd";
import { bfdSockets, LinkMonitor, monotonicClock } from "@ingot/linux";

const [path] = process.argv.slice(2);
const links = await LinkMonitor.open();
const sockets = bfdSockets(links);
const senders = new Map();
const speaker = new BfdSpeaker({ ...sockets, openSender }, monotonicClock);
const sessions = new Map();

/** Its time to live can be changed, as no wire of a lab would do it. */
function openSender(options) {
  let sender = sockets.openSender(options);
  senders.set(options.remoteAddress, (ttl) => {
    sender.close();
    sender = sockets.openSender({ ...options, ttl });
  });
  return { send: (bytes) => sender.send(bytes), close: () => sender.close() };
}

function print(session, event, value) {
  const at = performance.timeOrigin + performance.now();
  console.log(JSON.stringify({ session, event, at, value }));
}

function withOctets({ type, keys }) {
  return { type, keys: keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret) })) };
}

const calls = {
  open: ({ authentication, ...options }) => {
    const { remoteAddress } = options;
    const session = speaker.open({
      ...options,
      ...(authentication && { authentication: withOctets(authentication) }),
    });
    sessions.set(remoteAddress, session);
    for (const event of ["up", "down", "state"]) {
      session.on(event, (value) => print(remoteAddress, event, value));
    }
  },
  configure: (remote, timing) => sessions.get(remote).configure(timing),
  disable: (remote) => sessions.get(remote).disable(),
  enable: (remote) => sessions.get(remote).enable(),
  close: (remote) => sessions.get(remote).close(),
  sendWithTtl: (remote, ttl) => senders.get(remote)(ttl),
  report: (remote) => {
    const session = sessions.get(remote);
    const { state, remoteState, wasUp, counters, isEchoActive } = session;
    const { transmitIntervalMs, detectionMs } = session;
    return { state, remoteState, wasUp, counters, isEchoActive, transmitIntervalMs, detectionMs };
  },
  discarded: () => speaker.discarded,
};

function answer(line) {
  try {
    const { call, args } = JSON.parse(line);
    return { result: calls[call](...args) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

const server = createServer((socket) => {
  socket.once("data", (line) => socket.end(JSON.stringify(answer(line))));
});
process.once("SIGTERM", () => {
  speaker.close();
  links.close();
  server.close();
});
server.listen(path, () => console.log('{"event":"ready"}'));
