// Accepts connections, and upon the first octets on one says goodbye and closes it:
//   node linux-tcp-abrupt-peer.mjs ADDRESS
import { createServer } from "node:net";

const server = createServer((socket) => {
  socket.once("data", () => {
    socket.write("goodbye");
    socket.destroySoon();
  });
  socket.on("error", () => {});
});
server.listen(0, process.argv[2], () => console.log(`port ${server.address().port}`));
