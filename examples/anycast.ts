// Announces an anycast address to a router for as long as a service on this host is healthy:
//
//   node examples/dist/anycast.js 65001 192.0.2.2 192.0.2.1 65000 203.0.113.53/32 http://127.0.0.1:8080/
//
// Our AS number and address, the router's address and AS number, the prefix, and what to ask once a
// second. Three good answers in a row announce the prefix, two bad ones withdraw it; on the way out
// routers are asked to prefer others first (RFC 8326). Needs no capability.

import { describeReason, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";

const [asn, routerId, address, peerAsn, prefix, url] = process.argv.slice(2);
if (routerId === undefined || address === undefined || prefix === undefined || url === undefined) {
  console.error(
    "usage: node examples/dist/anycast.js OUR_ASN OUR_IPV4 PEER PEER_ASN PREFIX HEALTH_URL",
  );
  process.exit(2);
}
const target = url;
const service = prefix;

const GOOD_TO_ANNOUNCE = 3;
const BAD_TO_WITHDRAW = 2;
const nextHop = service.includes(":") ? "::" : "0.0.0.0"; // the connection's own address

const transport = tcpTransport();
const speaker = new Speaker({ asn: Number(asn), routerId, transport, clock: monotonicClock });
const peer = speaker.peer({ address, asn: Number(peerAsn) });
peer.on("established", () => console.log("established"));
peer.on("down", (reason) => console.log("down:", describeReason(reason)));
speaker.routesComplete();

let streak = 0; // of good answers above 0, of bad ones below
let announced = false;
const timer = setInterval(check, 1_000);
process.once("SIGINT", stop).once("SIGTERM", stop);

async function check(): Promise<void> {
  const good = await isHealthy();
  streak = good ? Math.max(1, streak + 1) : Math.min(-1, streak - 1);
  if (!announced && streak >= GOOD_TO_ANNOUNCE) {
    speaker.announce(service, { origin: "igp", asPath: [], nextHop });
    announced = true;
    console.log("healthy: announced");
  } else if (announced && streak <= -BAD_TO_WITHDRAW) {
    speaker.withdraw(service);
    announced = false;
    console.log("not healthy: withdrawn");
  }
}

async function isHealthy(): Promise<boolean> {
  try {
    return (await fetch(target, { signal: AbortSignal.timeout(500) })).ok;
  } catch {
    return false;
  }
}

function stop(): void {
  clearInterval(timer);
  speaker.gracefulShutdown();
  // Traffic takes other ways now; what is still under way comes here for another moment.
  setTimeout(() => void speaker.close({ text: "interrupted" }), 1_000);
}
