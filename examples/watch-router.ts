// Watches a router by BFD until it is interrupted; the router needs a session with this host, too:
//
//   node examples/dist/watch-router.js 192.0.2.1 192.0.2.254
//
// The first address is this host's own. Needs no capability; UDP port 3784 must be free.

import { BfdSpeaker } from "@ingot/bfd";
import { bfdSockets, LinkMonitor, monotonicClock } from "@ingot/linux";

const [localAddress, remoteAddress, device] = process.argv.slice(2);
if (localAddress === undefined || remoteAddress === undefined) {
  console.error("usage: node examples/dist/watch-router.js OUR_ADDRESS ROUTER_ADDRESS [INTERFACE]");
  process.exit(2);
}

const links = await LinkMonitor.open();
const speaker = new BfdSpeaker(bfdSockets(links), monotonicClock);
const session = speaker.open({
  localAddress,
  remoteAddress,
  ...(device === undefined ? {} : { device }),
  transmitIntervalMs: 100,
  receiveIntervalMs: 100,
});
session.on("up", () => console.log("up"));
session.on("down", ({ reason, isFailure }) => {
  console.log(`${isFailure ? "failed" : "switched off"}: ${reason}`);
});
console.log(`watching ${remoteAddress}`);

const stop = (): void => {
  console.log("stopping", session.counters);
  speaker.close();
  links.close();
};
process.once("SIGINT", stop).once("SIGTERM", stop);
