// Prints who asks for which address on a LAN, and who claims one, until it is interrupted:
//
//   node examples/dist/who-has.js eth0
//
// Needs CAP_NET_RAW. Sees what this host receives: questions, gratuitous packets, and answers to
// itself, but not the answers that others get.

import {
  ArpDecodeError,
  ArpOperation,
  type ArpPacket,
  decodeArp,
  formatIpv4,
  formatMac,
} from "@ingot/arp";
import { LinkMonitor, openArpSocket } from "@ingot/linux";

const [name] = process.argv.slice(2);
if (name === undefined) {
  console.error("usage: node examples/dist/who-has.js INTERFACE");
  process.exit(2);
}

const links = await LinkMonitor.open();
const socket = openArpSocket({ interface: name, links, accept: "all" });
socket.onFrame = (frame) => {
  try {
    console.log(`${new Date().toISOString()} ${told(decodeArp(frame))}`);
  } catch (error) {
    if (!(error instanceof ArpDecodeError)) throw error;
    console.log(`${new Date().toISOString()} something unreadable: ${error.message}`);
  }
};
console.log(`watching ${name}${socket.isUp ? "" : " as soon as it is up"}`);

function told(packet: ArpPacket): string {
  const mac = formatMac(packet.senderMac);
  const sender = formatIpv4(packet.senderAddress);
  const target = formatIpv4(packet.targetAddress);
  if (packet.senderAddress === packet.targetAddress) return `${mac} claims ${sender}`;
  if (packet.operation === ArpOperation.reply)
    return `${mac} tells ${target} that it has ${sender}`;
  if (packet.senderAddress === 0) return `${mac} asks whether anybody has ${target}`;
  return `${sender} (${mac}) asks who has ${target}`;
}

const stop = (): void => {
  socket.close();
  links.close();
};
process.once("SIGINT", stop).once("SIGTERM", stop);
