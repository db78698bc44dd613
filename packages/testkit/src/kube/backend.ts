// Runs as a program of its own: `node backend.js NAME PORT ADDRESS...`, in place of a pod. On each
// address it serves HTTP and UDP. `GET /` answers with the name, `GET /client` with the address
// that the request came from; a datagram is answered with the name, a space and what it carried.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";

const [name, portText, ...addresses] = process.argv.slice(2);
if (name === undefined || portText === undefined || addresses.length === 0) {
  throw new TypeError("usage: backend.js NAME PORT ADDRESS...");
}
const port = Number(portText);

// One socket an address: from a wildcard socket a UDP answer would leave from the node's address,
// and connection tracking would not know it for the answer.
for (const address of addresses) {
  const http = createServer((request, response) => {
    // Each request is a connection of its own, so that each is balanced anew.
    response.writeHead(200, { "content-type": "text/plain", connection: "close" });
    response.end(`${request.url === "/client" ? request.socket.remoteAddress : name}\n`);
  });
  http.listen(port, address);
  await once(http, "listening");

  const udp = createSocket(address.includes(":") ? "udp6" : "udp4");
  udp.on("message", (message, from) => {
    udp.send(Buffer.concat([Buffer.from(`${name} `), message]), from.port, from.address);
  });
  udp.bind(port, address);
  await once(udp, "listening");
}
console.log("ready");
