import { decodeNetlink, encodeDumpRequest } from "./netlink.ts";
import { openRouteSocket } from "./route-socket.ts";

/**
 * Finds out whether this Node can read the sockets of this package at all, by asking the kernel
 * for its links through one: worth a call at the start of a process and of each worker thread.
 * Needs no capability.
 *
 * @throws {Error} when no answer comes within 5 seconds.
 */
export function selfTest(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = openRouteSocket(0);
    const finish = (failure?: string): void => {
      clearTimeout(timer);
      socket.close();
      if (failure === undefined) resolve();
      else reject(new Error(`${failure} (${RUNTIME})`));
    };
    const timer = setTimeout(
      () =>
        finish(
          `sockets adopted by node:dgram stay silent: rtnetlink did not answer within ${LIMIT_MS} ms`,
        ),
      LIMIT_MS,
    );
    socket.onMessage = (datagram) => {
      if (decodeNetlink(datagram).some((message) => message.type === "link")) finish();
    };
    socket.onError = (code) => finish(`an adopted netlink socket failed with ${code}`);
    const code = socket.send(encodeDumpRequest("links", 1));
    if (code !== undefined) finish(`rtnetlink request failed with ${code}`);
  });
}

const LIMIT_MS = 5000;
const RUNTIME = `Node ${process.versions.node}, libuv ${process.versions.uv}`;
