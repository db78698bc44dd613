import { createSocket, type Socket } from "node:dgram";
import { isolate } from "./isolate.ts";
import * as libc from "./libc.ts";

/**
 * A datagram-like socket (AF_PACKET, AF_NETLINK) that Node's own event loop reads.
 *
 * libuv's UDP handle reads any datagram socket, but `node:dgram` accepts only descriptors that
 * look like UDP. So dgram gets a UDP placeholder, and before the event loop first looks at that
 * number, dup3 puts the real socket behind it. While it is open it keeps the process alive.
 */
export class AdoptedSocket {
  /** Called with each datagram; the octets are the receiver's to keep. */
  onMessage: ((bytes: Uint8Array) => void) | undefined;
  /** Called with a code such as `ENETDOWN` or `ENOBUFS`; the socket goes on. */
  onError: ((code: string) => void) | undefined;
  readonly #handle: Socket;
  #fd: number;

  /**
   * Takes the descriptor over, also when it fails.
   *
   * @throws {SystemCallError}
   */
  constructor(fd: number) {
    try {
      this.#handle = createSocket("udp4");
      this.#fd = adopt(fd, this.#handle);
    } finally {
      libc.close(fd);
    }
    this.#handle.on("message", (bytes) => {
      if (this.#fd !== CLOSED) isolate(() => this.onMessage?.(bytes));
    });
    this.#handle.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#fd !== CLOSED) isolate(() => this.onError?.(error.code ?? error.message));
    });
  }

  /** Sends without waiting. Answers nothing when the system took it, and else why not. */
  send(bytes: Uint8Array): string | undefined {
    // The number of a closed descriptor soon belongs to something else.
    return this.#fd === CLOSED ? "EBADF" : libc.send(this.#fd, bytes);
  }

  /** Closes. Nothing is called back from then on. */
  close(): void {
    if (this.#fd === CLOSED) return;
    const fd = this.#fd;
    this.#fd = CLOSED;
    const last = tryDuplicate(fd);
    this.#handle.close();
    // The last close of a packet socket waits 11 to 16 ms for the kernel; not on this thread.
    if (last !== undefined) libc.closeInBackground(last);
  }
}

/** The handle's descriptor, now referring to what `fd` is open on. All in one tick. */
function adopt(fd: number, handle: Socket): number {
  const placeholder = libc.socket(AF_INET, SOCK_DGRAM, 0);
  try {
    handle.bind({ fd: placeholder, exclusive: true });
  } catch (error) {
    libc.close(placeholder);
    throw error;
  }
  try {
    libc.duplicateOnto(fd, placeholder);
  } catch (error) {
    handle.close();
    throw error;
  }
  return placeholder;
}

function tryDuplicate(fd: number): number | undefined {
  try {
    return libc.duplicate(fd);
  } catch {
    // Out of descriptors: the close will stall this thread for a moment, which is better than not closing.
    return undefined;
  }
}

const CLOSED = -1;
const AF_INET = 2;
const SOCK_DGRAM = 2;
