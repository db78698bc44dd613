import { createServer, type Server, type Socket } from "node:net";
import { ipAddress } from "./ip-address.ts";
import { checkInteger } from "./ip-options.ts";
import {
  bindTo,
  closeOnFailure,
  openIpSocket,
  SO_REUSEADDR,
  SocketType,
  setInteger,
  setMinTtl,
  setPriority,
} from "./ip-socket.ts";
import { isolate } from "./isolate.ts";
import { reasonOf } from "./reason.ts";
import { descriptorOf, TcpConnection } from "./tcp-connection.ts";
import { passwordOctets, setMd5Key } from "./tcp-md5.ts";
import { type CheckedListen, checkListen, type TcpListenOptions } from "./tcp-options.ts";

/** A listening socket; it keeps the process alive until it is closed. */
export class TcpListener {
  readonly port: number;
  readonly #server: Server;
  readonly #family: 4 | 6;
  #fd: number;

  /** Listeners come from {@link listen}. */
  constructor(server: Server, fd: number, family: 4 | 6, port: number) {
    this.#server = server;
    this.#fd = fd;
    this.#family = family;
    this.port = port;
  }

  /**
   * Sets the MD5 key for the peers within `address`/`prefixLength`, of which the longest counts;
   * `undefined` takes it away. Connections that are there keep the key they were made with.
   *
   * @throws {RangeError} when an argument is wrong.
   * @throws {Error} when the system cannot, or the listener is closed.
   */
  setKey(address: string, prefixLength: number, password: string | undefined): void {
    if (this.#fd === CLOSED) throw new Error("password: the listener is closed");
    const peer = ipAddress("address", address);
    if (peer.family !== this.#family) {
      throw new RangeError(`address must be an IPv${this.#family} address, got ${peer.text}`);
    }
    checkInteger("prefixLength", prefixLength, 0, peer.octets.length * 8);
    const key = password === undefined ? new Uint8Array(0) : passwordOctets(password);
    try {
      setMd5Key(this.#fd, { address: peer, prefixLength }, key);
    } finally {
      key.fill(0);
    }
  }

  /** Accepts no more; the connections that are there stay. */
  close(): void {
    if (this.#fd === CLOSED) return;
    this.#fd = CLOSED;
    this.#server.close();
  }
}

/**
 * Resolves when it listens.
 *
 * @throws {RangeError} when an option is wrong.
 * @throws {Error} when the system refuses, in a few words: `address in use: port 179 on 192.0.2.1`.
 */
export async function listen(
  options: TcpListenOptions,
  accept: (connection: TcpConnection) => void,
): Promise<TcpListener> {
  const checked = checkListen(options);
  const key = options.password === undefined ? undefined : passwordOctets(options.password);
  let fd: number;
  try {
    fd = openBound(checked, key);
  } finally {
    key?.fill(0);
  }
  const server = createServer({ noDelay: true }, (socket) => receive(socket, accept));
  const port = await started(server, fd, checked.local.text);
  // That a connection could not be accepted (out of descriptors) ends nothing: its peer tries again.
  server.on("error", () => {});
  return new TcpListener(server, fd, checked.family, port);
}

/** A key is there before the first SYN can come: without it, that one would be let in unsigned. */
function openBound(options: CheckedListen, key: Uint8Array | undefined): number {
  const { family, local, minTtl, port } = options;
  const fd = openIpSocket(SocketType.stream, options);
  return closeOnFailure(fd, () => {
    setInteger(fd, SO_REUSEADDR, 1);
    if (minTtl !== undefined) setMinTtl(fd, family, minTtl);
    if (key !== undefined) {
      const anyone = ipAddress("address", family === 4 ? "0.0.0.0" : "::");
      setMd5Key(fd, { address: anyone, prefixLength: 0 }, key);
    }
    bindTo(fd, local, port);
    return fd;
  });
}

/** The port it listens on. The descriptor is the server's, also when it fails. */
function started(server: Server, fd: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(new Error(`${reasonOf(error)}: listening on ${address}`, { cause: error }));
    };
    server.once("error", failed);
    server.listen({ fd, exclusive: true }, () => {
      server.off("error", failed);
      const bound = server.address();
      if (bound !== null && typeof bound === "object") resolve(bound.port);
      else failed(new Error("closed"));
    });
  });
}

function receive(socket: Socket, accept: (connection: TcpConnection) => void): void {
  let connection: TcpConnection;
  try {
    connection = new TcpConnection(socket);
    const fd = descriptorOf(socket);
    // The one option that a connection does not have from its listener.
    if (fd !== undefined) setPriority(fd);
  } catch {
    // Reset by the peer before anybody looked at it.
    socket.on("error", () => {});
    socket.destroy();
    return;
  }
  isolate(() => accept(connection));
}

const CLOSED = -1;
