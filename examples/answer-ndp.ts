// Answers Neighbor Solicitations for one address until it is interrupted:
//
//   node examples/dist/answer-ndp.js eth0 2001:db8::10
//
// Needs CAP_NET_RAW. The address need not be, and is not put, on the interface. Says who else has
// it, and contradicts them: nobody is asked before, as `probe: "first"` would.

import { LinkMonitor, monotonicClock, openNdpSocket } from "@ingot/linux";
import { NdpResponder } from "@ingot/ndp";

const [name, address] = process.argv.slice(2);
if (name === undefined || address === undefined) {
  console.error("usage: node examples/dist/answer-ndp.js INTERFACE ADDRESS");
  process.exit(2);
}

const links = await LinkMonitor.open();
const socket = openNdpSocket({ interface: name, links, accept: "all" });
const responder = new NdpResponder(socket, monotonicClock);
responder.on("answered", ({ address, senderAddress, senderMac }) => {
  console.log(`told ${senderAddress} (${senderMac}) who has ${address}`);
});
responder.on("conflict", ({ address, mac }) => console.log(`${mac} has ${address}, too`));
responder.announce(address);
console.log(`answering for ${address} on ${name}${socket.isUp ? "" : " as soon as it is up"}`);

const stop = (): void => {
  console.log("stopping", responder.counters(address));
  responder.close();
  links.close();
};
process.once("SIGINT", stop).once("SIGTERM", stop);
