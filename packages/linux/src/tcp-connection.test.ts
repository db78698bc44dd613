import type { Socket } from "node:net";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { TcpConnection } from "./tcp-connection.ts";

/** Takes octets one write at a time, each when it is told to. */
class SlowSocket extends Writable {
  readonly localAddress = "192.0.2.1";
  readonly remoteAddress = "192.0.2.2";
  readonly remotePort = 179;
  #taken: (() => void) | undefined;

  override _write(_octets: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.#taken = taken;
  }

  /** Lets the write that is under way leave; the next one begins. */
  async leave(): Promise<void> {
    this.#taken?.();
    // What that leads to comes by a tick of Node's own.
    await new Promise(process.nextTick);
  }
}

function connect() {
  const socket = new SlowSocket();
  const connection = new TcpConnection(socket as unknown as Socket);
  const drains = { count: 0 };
  connection.onDrain = () => {
    drains.count += 1;
  };
  return { socket, connection, drains };
}

const HALF = new Uint8Array(100_000);
const KEEPALIVE = new Uint8Array(19);

describe("TcpConnection", () => {
  it("is full at 128 KiB, and says when the queue has emptied", async () => {
    const { socket, connection, drains } = connect();
    expect(connection.write(HALF)).toBe(true);
    expect(connection.write(HALF)).toBe(false);
    await socket.leave();
    expect(drains.count).toBe(0);
    await socket.leave();
    expect(drains.count).toBe(1);
    expect(connection.write(HALF)).toBe(true);
  });

  it("says so too when something short was written while the queue shrank", async () => {
    const { socket, connection, drains } = connect();
    connection.write(HALF);
    expect(connection.write(HALF)).toBe(false);
    await socket.leave();
    expect(connection.write(KEEPALIVE)).toBe(false);
    await socket.leave();
    expect(drains.count).toBe(0);
    await socket.leave();
    expect(drains.count).toBe(1);
  });

  it("says nothing of a queue that was never full", async () => {
    const { socket, connection, drains } = connect();
    connection.write(HALF);
    await socket.leave();
    expect(drains.count).toBe(0);
  });
});
