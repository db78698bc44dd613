import { createSocket } from "node:dgram";
import { createServer, request, type ServerResponse } from "node:http";

// Runs on each node of the quick start: a backend of its own, and a small stand-in for kube-proxy
// that hands requests for the Service's addresses to the backends of all nodes in turn.
//
//   node node-program.js NAME OWN_BACKEND VIP,VIP… BACKEND,BACKEND…

const [name = "", own = "", vips = "", backends = ""] = process.argv.slice(2);
const BACKEND_PORT = 8_080;
const SERVICE_PORT = 80;
const ECHO_PORT = 7;
let turn = 0;

createServer((_, response) => {
  response.end(`hello from the backend on ${name}\n`);
}).listen(BACKEND_PORT, own);

createServer((incoming, outgoing) => {
  forward(incoming.url ?? "/", outgoing, nextBackends());
}).listen(SERVICE_PORT, "0.0.0.0", () => process.stdout.write("ready\n"));

// Bound to each address by itself: a reply from a wildcard socket would carry the node's own.
for (const vip of vips.split(",")) {
  const echo = createSocket("udp4");
  echo.on("message", (_, from) => echo.send(name, from.port, from.address));
  echo.bind(ECHO_PORT, vip);
}

/** Hands a request to the first of the backends, and to the next one when that does not answer. */
function forward(
  path: string,
  outgoing: ServerResponse,
  [host, ...others]: readonly string[],
): void {
  if (host === undefined) {
    outgoing.writeHead(502, { "x-node": name }).end("no backend answers\n");
    return;
  }
  const forwarded = request({ host, port: BACKEND_PORT, path, timeout: 200 });
  forwarded.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, { "x-node": name });
    answer.pipe(outgoing);
  });
  forwarded.on("timeout", () => forwarded.destroy(new Error("no answer")));
  forwarded.on("error", () => forward(path, outgoing, others));
  forwarded.end();
}

/** All backends, another one first each time. */
function nextBackends(): readonly string[] {
  const all = backends.split(",");
  turn = (turn + 1) % all.length;
  return [...all.slice(turn), ...all.slice(0, turn)];
}
