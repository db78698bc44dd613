// Sends frames, given in hexadecimal, on an interface: node linux-ndp-send.mjs INTERFACE FRAME...
import { acceptWhen, LinkMonitor, PacketSocket } from "@ingot/linux";

const [name, ...frames] = process.argv.slice(2);
const links = await LinkMonitor.open();
const { index } = links.linkNamed(name);
links.close();
const socket = new PacketSocket({
  interfaceIndex: index,
  etherType: 0x86dd,
  filter: acceptWhen(),
});
for (const frame of frames) {
  if (!socket.send(Buffer.from(frame, "hex"))) throw new Error(`not sent: ${frame}`);
}
socket.close();
