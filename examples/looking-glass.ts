// Shows over HTTP what routers announce, until it is interrupted, and announces nothing:
//
//   node examples/dist/looking-glass.js 65001 192.0.2.1 192.0.2.0/24 8080
//   curl http://192.0.2.1:8080/routes
//
// Our AS number and address, from where routers may connect, and the HTTP port. Needs
// CAP_NET_BIND_SERVICE for port 179. Paths: /peers, /routes, /routes/PREFIX.

import { createServer } from "node:http";
import { formatCommunity, type PathAttributes, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";

const [asn, localAddress, range, httpPort = "8080"] = process.argv.slice(2);
if (localAddress === undefined || range === undefined) {
  console.error("usage: node examples/dist/looking-glass.js OUR_ASN OUR_IPV4 RANGE [HTTP_PORT]");
  process.exit(2);
}

const transport = tcpTransport();
const routerId = localAddress;
const speaker = new Speaker({ asn: Number(asn), routerId, transport, clock: monotonicClock });
speaker.peerRange({ range, asn: "any", keepRoutes: true });
await speaker.listen({ localAddress, port: 179 });

const server = createServer((request, response) => {
  const found = answer(decodeURIComponent(request.url ?? "/"));
  response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(`${JSON.stringify(found ?? { error: "no such thing" }, undefined, 2)}\n`);
});
server.listen(Number(httpPort), localAddress, () => {
  console.log(`listening on http://${localAddress}:${httpPort}/routes`);
});

process.once("SIGINT", stop).once("SIGTERM", stop);

function answer(path: string): unknown {
  if (path === "/peers") return speaker.peers.map(({ address, state }) => ({ address, state }));
  if (path === "/routes") return routes(() => true);
  if (!path.startsWith("/routes/")) return undefined;
  const found = routes((prefix) => prefix === path.slice("/routes/".length));
  return found.length === 0 ? undefined : found;
}

function routes(isMeant: (prefix: string) => boolean): readonly object[] {
  return speaker.peers.flatMap(({ address, routes }) =>
    [...routes]
      .filter(({ prefix }) => isMeant(prefix))
      .map(({ prefix, attributes }) => ({ prefix, peer: address, ...readable(attributes) })),
  );
}

function readable({ nextHop, asPath, communities = [], localPref }: PathAttributes): object {
  const path = asPath.flatMap(({ asns }) => asns);
  return { nextHop, path, communities: communities.map(formatCommunity), localPref };
}

function stop(): void {
  server.close();
  void speaker.close({ text: "interrupted" });
}
