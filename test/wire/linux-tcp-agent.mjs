// Dials and listens as it is asked to:
//   node linux-tcp-agent.mjs SOCKET_PATH
// Each connection to the socket brings one JSON request, and gets one JSON answer. What a dial, a
// listener or a connection calls back is told on standard output. SIGTERM closes everything, upon
// which the process has to end by itself.
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { tcpTransport } from "@ingot/linux";

const [path] = process.argv.slice(2);
const connections = new Map();
const listeners = new Map();
const cancels = new Map();

function keep(id, connection) {
  const state = { connection, received: 0, drains: 0, digest: 0 };
  connections.set(id, state);
  connection.onData = (bytes) => {
    state.received += bytes.length;
    for (const byte of bytes) state.digest = (state.digest * 31 + byte) >>> 0;
    if (bytes.length < 100) console.log(`${id} data ${Buffer.from(bytes).toString()}`);
  };
  connection.onDrain = () => {
    state.drains += 1;
    console.log(`${id} drain`);
  };
  connection.onClose = (reason) => console.log(`${id} closed: ${reason}`);
  const { localAddress, remoteAddress, remotePort } = connection;
  console.log(`${id} connected ${localAddress} to ${remoteAddress} ${remotePort > 0}`);
}

/** What failed, or nothing: as an answer. */
function attempt(call) {
  try {
    return call() ?? {};
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

const requests = {
  dial: ({ id, target, synRetries, cancelled }) =>
    attempt(() => {
      const transport = tcpTransport(synRetries === undefined ? {} : { synRetries });
      const result = {
        connected: (connection) => keep(id, connection),
        failed: (reason) => console.log(`${id} failed: ${reason}`),
      };
      cancels.set(id, transport.dial(target, result));
      if (cancelled) cancels.get(id)();
    }),
  cancel: ({ id }) => cancels.get(id)(),
  listen: async ({ id, options }) => {
    let count = 0;
    const accept = (connection) => {
      count += 1;
      keep(`${id}${count}`, connection);
    };
    try {
      listeners.set(id, await tcpTransport().listen(options, accept));
      return { port: listeners.get(id).port };
    } catch (error) {
      return { error: `${error.name}: ${error.message}` };
    }
  },
  closeListener: ({ id }) => listeners.get(id).close(),
  setKey: ({ id, address, prefixLength, password }) =>
    attempt(() => listeners.get(id).setKey(address, prefixLength, password)),
  setMinTtl: ({ id, minTtl }) => attempt(() => connections.get(id).connection.setMinTtl(minTtl)),
  write: ({ id, text, repeat = 1, count = 1 }) => {
    const { connection } = connections.get(id);
    let written = 0;
    let more = true;
    const bytes = Buffer.from(text.repeat(repeat));
    while (written < count && more) {
      more = connection.write(bytes);
      written += 1;
    }
    return { written, more };
  },
  // Like a process that did not get to run: what arrives meanwhile is read only afterwards.
  writeLate: ({ id, texts, pauseMs }) => {
    for (const text of texts) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
      connections.get(id).connection.write(Buffer.from(text));
    }
  },
  end: ({ id }) => connections.get(id).connection.end(),
  destroy: ({ id }) => connections.get(id).connection.destroy(),
  report: ({ id }) => {
    const { received = 0, drains = 0, digest = 0 } = connections.get(id) ?? {};
    return { received, drains, digest, descriptors: readdirSync("/proc/self/fd").length };
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
  for (const cancel of cancels.values()) cancel();
  for (const { connection } of connections.values()) connection.destroy();
  for (const listener of listeners.values()) listener.close();
  server.close();
});
server.listen(path, () => console.log("ready"));
