// Accepts a connection and reads nothing until SIGUSR1; then it counts to the end, says so, and
// only now says its own last word to whoever has ended:
//   node linux-tcp-slow-peer.mjs ADDRESS
import { createServer } from "node:net";

const PATTERN = Buffer.from("0123456789abcdef");
const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
  let received = 0;
  let inOrder = true;
  socket.on("data", (bytes) => {
    for (const byte of bytes) {
      inOrder &&= byte === PATTERN[received % PATTERN.length];
      received += 1;
    }
  });
  socket.pause();
  socket.on("end", () => {
    console.log(`got ${received} ${inOrder ? "in order" : "garbled"}`);
    socket.end("goodbye");
  });
  process.once("SIGUSR1", () => socket.resume());
});
server.listen(0, process.argv[2], () => console.log(`port ${server.address().port}`));
