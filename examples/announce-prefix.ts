// Announces a prefix to a router until it is interrupted; the router needs this host as a neighbour:
//
//   node examples/dist/announce-prefix.js 65001 192.0.2.1 192.0.2.254 65000 203.0.113.10/32
//
// Our AS number and address, then the router's address and AS number. Needs no capability.

import { describeReason, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";

const [asn, routerId, address, peerAsn, prefix] = process.argv.slice(2);
if (routerId === undefined || address === undefined || prefix === undefined) {
  console.error(
    "usage: node examples/dist/announce-prefix.js OUR_ASN OUR_IPV4 PEER PEER_ASN PREFIX",
  );
  process.exit(2);
}

const transport = tcpTransport();
const speaker = new Speaker({ asn: Number(asn), routerId, transport, clock: monotonicClock });
const peer = speaker.peer({ address, asn: Number(peerAsn), gracefulRestart: {} });
peer.on("established", () => console.log("established"));
peer.on("down", (reason) => console.log("down:", describeReason(reason)));
peer.on("failed", (reason) => console.log("failed:", describeReason(reason)));
const nextHop = prefix.includes(":") ? "::" : "0.0.0.0"; // the connection's own address
speaker.announce(prefix, { origin: "igp", asPath: [], nextHop });
speaker.routesComplete();

const stop = (): void => {
  console.log("stopping", peer.counters.sent);
  void speaker.close({ text: "interrupted" });
};
process.once("SIGINT", stop).once("SIGTERM", stop);
