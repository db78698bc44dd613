// Datagrams to an address and back, so that a host that cannot be reached is noticed:
//   node layer2-traffic.mjs echo ADDRESS    returns what it gets
//   node layer2-traffic.mjs send ADDRESS    sends one every 20 ms, and prints the number of each that
//                                           came back within a second
// SIGTERM ends it.
import { createSocket } from "node:dgram";

const PORT = 7777;
const [role, address] = process.argv.slice(2);
const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
// While there is no interface or no route there is nobody to tell; the next one may get through.
const ignore = () => {};

if (role === "echo") {
  socket.on("message", (message, { address, port }) => socket.send(message, port, address, ignore));
  socket.bind(PORT, address, () => console.log("ready"));
} else {
  let sent = 0;
  socket.on("message", (message) => {
    const number = Number(message);
    if (number > sent - 50) console.log(number);
  });
  setInterval(() => {
    sent += 1;
    socket.send(String(sent), PORT, address, ignore);
  }, 20);
}
