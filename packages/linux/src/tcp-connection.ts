import type { Socket } from "node:net";
import { canonicalAddress } from "./ip-address.ts";
import { checkInteger } from "./ip-options.ts";
import { setMinTtl } from "./ip-socket.ts";
import { isolate } from "./isolate.ts";
import { receive } from "./libc.ts";
import { reasonOf } from "./reason.ts";

/**
 * A TCP connection as event callbacks. Set them in the call that hands it over: what arrives while
 * `onData` is not set is lost. It keeps the process alive until it is closed.
 */
export class TcpConnection {
  /** Canonical text, without a zone. */
  readonly localAddress: string;
  /** As `localAddress`. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Called with what arrived. */
  onData: ((bytes: Uint8Array) => void) | undefined;
  /** Called when the queue has emptied after `write` returned false. */
  onDrain: (() => void) | undefined;
  /** Called once, when the connection is gone for whatever reason; never after `destroy`. */
  onClose: ((reason: string) => void) | undefined;
  readonly #socket: Socket;
  #reason = "closed by the peer";
  #full = false;
  #destroyed = false;

  /** @throws {Error} when the socket is not connected, or no longer. */
  constructor(socket: Socket) {
    const { localAddress, remoteAddress, remotePort } = socket;
    if (localAddress === undefined || remoteAddress === undefined || remotePort === undefined) {
      throw new Error("connection reset by the peer");
    }
    this.#socket = socket;
    this.localAddress = canonicalAddress(localAddress);
    this.remoteAddress = canonicalAddress(remoteAddress);
    this.remotePort = remotePort;
    socket.on("data", (bytes) => this.#tell(() => this.onData?.(bytes)));
    socket.on("drain", () => this.#drained());
    socket.on("error", (error) => {
      this.#reason = reasonOf(error);
    });
    this.#readBeforeFailing();
    // Whoever closes one direction of a session has left it: nothing more is said into the other.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#tell(() => this.onClose?.(this.#reason)));
  }

  /**
   * Queues octets, which must not change afterwards. False: full, wait for `onDrain`. It is never
   * full below 128 KiB, and takes octets all the same when it is.
   */
  write(bytes: Uint8Array): boolean {
    if (!this.#socket.writable) return false;
    this.#socket.write(bytes);
    // Node tells of a drain only when the queue was full by its own measure, too.
    const limit = Math.max(QUEUE_BYTES, this.#socket.writableHighWaterMark);
    // Full until the drain: a short write while the queue shrinks is not the end of it.
    if (this.#socket.writableLength >= limit) this.#full = true;
    return !this.#full;
  }

  /** Closes our direction once all that was written has left; what arrives is read on. */
  end(): void {
    this.#socket.end();
  }

  /** Drops the connection at once, and what was not sent with it. */
  destroy(): void {
    this.#destroyed = true;
    this.#socket.destroy();
  }

  /**
   * Has the system drop what comes with a lower time to live from now on: for a connection that was
   * accepted by a listener without `minTtl`. What arrived before is not looked at again.
   *
   * @throws {RangeError} when it is not 1 to 255.
   * @throws {Error} when the system refuses, or the connection is closed.
   */
  setMinTtl(minTtl: number): void {
    checkInteger("minTtl", minTtl, 1, 255);
    const fd = descriptorOf(this.#socket);
    if (fd === undefined) throw new Error(`minTtl ${minTtl}: the connection is closed`);
    setMinTtl(fd, this.remoteAddress.includes(":") ? 6 : 4, minTtl);
  }

  /**
   * A peer that leaves with a last word resets the connection if it has not read all of ours. When a
   * write finds that out first, Node closes the socket with that word unread in it.
   */
  #readBeforeFailing(): void {
    const socket = this.#socket;
    const destroy = socket._destroy;
    socket._destroy = (error, callback) => {
      const fd = error === null ? undefined : descriptorOf(socket);
      for (let bytes = next(fd); bytes !== undefined; bytes = next(fd)) {
        const arrived = bytes;
        this.#tell(() => this.onData?.(arrived));
      }
      destroy.call(socket, error, callback);
    };
  }

  #drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#tell(() => this.onDrain?.());
  }

  #tell(callback: () => void): void {
    if (!this.#destroyed) isolate(callback);
  }
}

/**
 * The number that Node reads the socket by; undefined once it is closed. Node has no documented way
 * to it, but needs one to set options on a connection that it accepted.
 */
export function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return undefined;
  const fd: unknown = Reflect.get(handle, "fd");
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

const QUEUE_BYTES = 131_072;
const READ_BYTES = 65_536;

function next(fd: number | undefined): Uint8Array | undefined {
  return fd === undefined ? undefined : receive(fd, READ_BYTES);
}
