// Advertises a router, or listens for routers, on one interface:
//   node ndp-router-agent.mjs advertise|listen INTERFACE [OPTIONS]
// OPTIONS are the advertiser's or the listener's, as JSON, but for its link-local address, which is made
// of the hardware address. Events of the listener are printed, a line of JSON each, and SIGUSR1 prints
// all that is known. SIGTERM closes everything, upon which the process has to end by itself.
import { LinkMonitor, monotonicClock, openNdpSocket } from "@ingot/linux";
import {
  formatIpv6,
  linkLocalOf,
  macFromBytes,
  RouterAdvertiser,
  RouterListener,
} from "@ingot/ndp";

const [role, name, options = "{}"] = process.argv.slice(2);
const links = await LinkMonitor.open();
const socket = openNdpSocket({ interface: name, links, accept: "all" });
const linkLocal = formatIpv6(linkLocalOf(macFromBytes(socket.mac)));
const Router = role === "advertise" ? RouterAdvertiser : RouterListener;
const router = new Router(socket, monotonicClock, { linkLocal, ...JSON.parse(options) });

function print(event, value) {
  console.log(JSON.stringify({ event, value }));
}

const events = ["heard", "router", "routerGone", "prefix", "prefixGone", "dnsServer", "mtu"];
for (const event of [...events, "solicited", "invalid"]) {
  router.on(event, (...value) => print(event, value));
}
router.on("malformed", ({ message }) => print("malformed", message));
process.on("SIGUSR1", () => {
  const { routers, prefixes, dnsServers, mtu, counters, frameCounters } = router;
  print("report", { routers, prefixes, dnsServers, mtu, counters, frameCounters });
});
process.once("SIGTERM", () => {
  router.close();
  links.close();
});
print("ready", linkLocal);
