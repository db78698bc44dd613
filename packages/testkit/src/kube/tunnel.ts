// Runs as a program of its own: `node tunnel.js SOCKET HOST PORT`. It listens on a Unix socket,
// which any network namespace can reach by its path, and carries each connection to a TCP port of
// the namespace that it runs in.
import { connect, createServer } from "node:net";

const [socketPath, host, port] = process.argv.slice(2);
if (socketPath === undefined || host === undefined || port === undefined) {
  throw new TypeError("usage: tunnel.js SOCKET HOST PORT");
}

const server = createServer((near) => {
  const far = connect({ host, port: Number(port), noDelay: true });
  near.pipe(far);
  far.pipe(near);
  // When one side breaks, the other learns of it as a connection that ends.
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
  near.on("close", () => far.destroy());
  far.on("close", () => near.destroy());
});
server.listen(socketPath, () => console.log("ready"));
