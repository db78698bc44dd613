import { Socket } from "node:net";
import {
  bindTo,
  closeOnFailure,
  openIpSocket,
  SocketType,
  setInteger,
  setMinTtl,
} from "./ip-socket.ts";
import { isolate } from "./isolate.ts";
import type { SocketOption } from "./libc.ts";
import { blame, reasonOf } from "./reason.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { passwordOctets, setMd5Key } from "./tcp-md5.ts";
import {
  type CheckedTarget,
  checkTarget,
  type TcpDialResult,
  type TcpDialTarget,
  type TcpTransportOptions,
} from "./tcp-options.ts";

/**
 * Starts to connect; returns what cancels it. The result comes later, never from within the call.
 *
 * @throws {RangeError} when an option is wrong. What the system refuses fails the dial instead.
 */
export function dial(
  target: TcpDialTarget,
  result: TcpDialResult<TcpConnection>,
  options: TcpTransportOptions,
): () => void {
  const checked = checkTarget(target);
  const { password } = target;
  const key = password === undefined ? undefined : passwordOctets(password);
  const attempt = new Attempt(result);
  try {
    attempt.follow(connect(checked, key, options));
  } catch (error) {
    // Not at once: the caller does not hold yet what cancels it.
    setImmediate(() => attempt.fail(reasonOf(error)));
  } finally {
    key?.fill(0);
  }
  return () => attempt.cancel();
}

/** One dial, which ends once. */
class Attempt {
  readonly #result: TcpDialResult<TcpConnection>;
  #socket: Socket | undefined;
  #over = false;

  constructor(result: TcpDialResult<TcpConnection>) {
    this.#result = result;
  }

  follow(socket: Socket): void {
    this.#socket = socket;
    socket.on("error", (error) => this.fail(reasonOf(error)));
    socket.on("close", () => this.fail("closed"));
    socket.on("connect", () => this.#connected(socket));
  }

  fail(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    isolate(() => this.#result.failed(reason));
  }

  /** Does nothing once the dial is over. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket?.destroy();
  }

  #connected(socket: Socket): void {
    if (this.#over) return;
    let connection: TcpConnection;
    try {
      connection = new TcpConnection(socket);
    } catch (error) {
      socket.destroy();
      this.fail(reasonOf(error));
      return;
    }
    this.#over = true;
    isolate(() => this.#result.connected(connection));
  }
}

/** A socket on its way, with all its options. @throws {Error} naming what the system refused. */
function connect(
  target: CheckedTarget,
  key: Uint8Array | undefined,
  { synRetries }: TcpTransportOptions,
): Socket {
  const { family, host, local, minTtl, remote, port } = target;
  const fd = openIpSocket(SocketType.stream, target);
  return closeOnFailure(fd, () => {
    if (minTtl !== undefined) setMinTtl(fd, family, minTtl);
    if (key !== undefined) {
      setMd5Key(fd, { address: remote, prefixLength: remote.octets.length * 8 }, key);
    }
    if (synRetries !== undefined) {
      blame(`synRetries ${synRetries}`, () => setInteger(fd, TCP_SYNCNT, synRetries));
    }
    if (local !== undefined) bindTo(fd, local, 0);
    const socket = new Socket({ fd });
    socket.setNoDelay(true);
    // In the same tick: a socket that is read before it connects is destroyed by Node, and a later
    // connect would silently take a new descriptor, without key and without any other option.
    socket.connect({ host, port });
    return socket;
  });
}

const TCP_SYNCNT: SocketOption = { level: 6, number: 7, name: "TCP_SYNCNT" };
