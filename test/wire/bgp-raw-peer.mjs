// Speaks BGP octet by octet, right up to a point and then wrong:
//   node bgp-raw-peer.mjs SPEAKER_ADDRESS CASES
// CASES is a file with a JSON array of `{ name, from, open, stage, send, isDeaf }`: the address to connect from, our OPEN,
// how far to go (`open-sent`: the speaker's OPEN has come; `open-confirm`: its KEEPALIVE too;
// `established`: it has ours), and what to send then, in hexadecimal. All are tried at once. Each case
// prints one line of JSON when the speaker closes, with the bodies of the NOTIFICATIONs it sent. One
// that stays connected does so until this process is killed. One that is deaf reads nothing after that,
// until SIGUSR1.
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";

const HEADER = 19;
const KEEPALIVE = Buffer.from(`${"ff".repeat(16)}001304`, "hex");
const [speaker, file] = process.argv.slice(2);

for (const { name, from, open, stage, send, isDeaf } of JSON.parse(readFileSync(file))) {
  const socket = createConnection({ host: speaker, port: 179, localAddress: from });
  const notifications = [];
  let octets = Buffer.alloc(0);
  let hasSent = false;

  const sendOnce = () => {
    if (!hasSent) socket.write(Buffer.from(send, "hex"));
    hasSent = true;
    if (isDeaf) socket.pause();
  };
  if (isDeaf) {
    // A socket that is not read keeps no process.
    const waiting = setInterval(() => {}, 60_000);
    process.once("SIGUSR1", () => {
      clearInterval(waiting);
      socket.resume();
    });
  }
  const handlers = {
    1: () => {
      if (stage === "open-sent") sendOnce();
      else socket.write(Buffer.from(open, "hex"));
    },
    3: (body) => notifications.push(body.toString("hex")),
    4: () => {
      if (hasSent) return;
      if (stage === "established") socket.write(KEEPALIVE);
      sendOnce();
    },
  };
  socket.on("data", (bytes) => {
    octets = Buffer.concat([octets, bytes]);
    while (octets.length >= HEADER && octets.length >= octets.readUInt16BE(16)) {
      const length = octets.readUInt16BE(16);
      handlers[octets[18]]?.(octets.subarray(HEADER, length));
      octets = octets.subarray(length);
    }
  });
  socket.on("error", (error) => notifications.push(error.code));
  socket.on("close", () => console.log(JSON.stringify({ name, notifications })));
}
