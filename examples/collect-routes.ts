// Prints what routers announce until it is interrupted, and announces nothing:
//
//   node examples/dist/collect-routes.js 65001 192.0.2.1 192.0.2.0/24
//
// Our AS number and address, then from where routers may connect. Needs CAP_NET_BIND_SERVICE for
// port 179.

import { describeReason, formatCommunity, type ReceivedRoutes, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";

const [asn, localAddress, range] = process.argv.slice(2);
if (localAddress === undefined || range === undefined) {
  console.error("usage: node examples/dist/collect-routes.js OUR_ASN OUR_IPV4 RANGE");
  process.exit(2);
}

const speaker = new Speaker({
  asn: Number(asn),
  routerId: localAddress,
  transport: tcpTransport(),
  clock: monotonicClock,
});
speaker.on("peer", (peer) => {
  peer.on("established", ({ negotiated }) => {
    console.log(`${peer.address} is up: AS ${negotiated.peerAsn}, ${negotiated.routerId}`);
  });
  peer.on("down", (reason) => console.log(`${peer.address} is down: ${describeReason(reason)}`));
});
speaker.on("refused", (address) => console.log(`${address} is no peer`));
speaker.peerRange({ range, asn: "any", onRoutes: tell });
await speaker.listen({ localAddress, port: 179 });
speaker.routesComplete();
console.log(`listening on ${localAddress}`);

process.once("SIGINT", stop).once("SIGTERM", stop);

function tell({ withdrawn, announced, attributes, endOfRib }: ReceivedRoutes): void {
  for (const prefix of withdrawn) console.log(`- ${prefix}`);
  const path = attributes?.asPath.flatMap(({ asns }) => asns).join(" ") ?? "";
  const communities = (attributes?.communities ?? []).map(formatCommunity).join(" ");
  for (const prefix of announced) {
    console.log(
      `+ ${prefix} via ${attributes?.nextHop} path [${path}] communities [${communities}]`,
    );
  }
  if (endOfRib) console.log("that was all");
}

function stop(): void {
  void speaker.close({ text: "interrupted" });
}
