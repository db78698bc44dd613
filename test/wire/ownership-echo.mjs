// Answers UDP for an address with the name of its node:
//   node ownership-echo.mjs NAME ADDRESS
import { createSocket } from "node:dgram";

const [name, address] = process.argv.slice(2);
const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
socket.on("message", (bytes, { port, address: to }) => {
  socket.send(Buffer.concat([bytes, Buffer.from(name)]), port, to);
});
socket.bind(7_000, address, () => console.log("ready"));
