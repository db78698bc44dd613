// Announces prefixes to the router at the other end of a cable that has no addresses but link-local
// ones, until it is interrupted. Each end hears of the other by its Router Advertisements:
//
//   node examples/dist/unnumbered.js eth0 65001 192.0.2.1 203.0.113.10/32 2001:db8::10/128
//
// The interface, our AS number and identifier, then prefixes. IPv4 ones have an IPv6 next hop (RFC
// 8950). Needs CAP_NET_RAW.

import { describeReason, type Peer, Speaker } from "@ingot/bgp";
import { LinkMonitor, monotonicClock, openNdpSocket, tcpTransport } from "@ingot/linux";
import { RouterAdvertiser, RouterListener } from "@ingot/ndp";

const [device, asn, routerId, ...prefixes] = process.argv.slice(2);
if (device === undefined || routerId === undefined || prefixes.length === 0) {
  console.error("usage: node examples/dist/unnumbered.js INTERFACE OUR_ASN OUR_ID PREFIX...");
  process.exit(2);
}
const links = await LinkMonitor.open();
const index = links.linkNamed(device)?.index;
const linkLocal = links.addresses.find(
  (own) => own.index === index && /^fe[89ab]/.test(own.address) && !own.tentative,
)?.address;
if (linkLocal === undefined) {
  console.error(`${device} has no link-local address`);
  process.exit(1);
}

const transport = tcpTransport();
const speaker = new Speaker({ asn: Number(asn), routerId, transport, clock: monotonicClock });
for (const prefix of prefixes) {
  speaker.announce(prefix, { origin: "igp", asPath: [], nextHop: "::" }); // our end of the cable
}
speaker.routesComplete();

// We are heard, and are nobody's default router.
const socket = () => openNdpSocket({ interface: device, links, accept: "all" });
const heard = { linkLocal, lifetimeSeconds: 0, maxIntervalMs: 10_000 };
const advertiser = new RouterAdvertiser(socket(), monotonicClock, heard);
const listener = new RouterListener(socket(), monotonicClock, { linkLocal });
let peer: Peer | undefined;
listener.on("heard", ({ address }) => {
  if (address === peer?.address) return;
  peer?.remove();
  console.log(`the router is ${address}`);
  peer = speaker.peer({ address, device, asn: "external", extendedNextHop: true });
  peer.on("established", ({ negotiated }) => console.log(`established: AS ${negotiated.peerAsn}`));
  peer.on("down", (reason) => console.log("down:", describeReason(reason)));
});

const stop = (): void => {
  listener.close();
  advertiser.close();
  links.close();
  void speaker.close({ text: "interrupted" });
};
process.once("SIGINT", stop).once("SIGTERM", stop);
