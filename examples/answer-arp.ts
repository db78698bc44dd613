// Answers ARP requests for one address until it is interrupted:
//
//   node examples/dist/answer-arp.js eth0 192.0.2.10
//
// Needs CAP_NET_RAW. The address need not be, and is not put, on the interface.

import { ArpResponder } from "@ingot/arp";
import { LinkMonitor, monotonicClock, openArpSocket } from "@ingot/linux";

const [name, address] = process.argv.slice(2);
if (name === undefined || address === undefined) {
  console.error("usage: node examples/dist/answer-arp.js INTERFACE ADDRESS");
  process.exit(2);
}

const links = await LinkMonitor.open();
const socket = openArpSocket({ interface: name, links });
const responder = new ArpResponder(socket, monotonicClock);
responder.on("answered", ({ address, senderAddress, senderMac }) => {
  console.log(`told ${senderAddress} (${senderMac}) who has ${address}`);
});
responder.announce(address);
console.log(`answering for ${address} on ${name}${socket.isUp ? "" : " as soon as it is up"}`);

const stop = (): void => {
  console.log("stopping", responder.counters(address));
  responder.close();
  links.close();
};
process.once("SIGINT", stop).once("SIGTERM", stop);
