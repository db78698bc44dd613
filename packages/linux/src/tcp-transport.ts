import type { TcpConnection } from "./tcp-connection.ts";
import { dial } from "./tcp-dial.ts";
import { listen, type TcpListener } from "./tcp-listener.ts";
import {
  checkTransport,
  type TcpDialResult,
  type TcpDialTarget,
  type TcpListenOptions,
  type TcpTransportOptions,
} from "./tcp-options.ts";

/** TCP with the socket options that routing protocols need. */
export interface TcpTransport {
  /**
   * Starts to connect; returns what cancels it. The result comes later, never from within the call.
   * What the system refuses fails the dial, and the reason names the option.
   *
   * @throws {RangeError} when an option is wrong.
   */
  dial(target: TcpDialTarget, result: TcpDialResult<TcpConnection>): () => void;
  /** Resolves when it listens; rejects when an option is wrong, or with the system's reason. */
  listen(
    options: TcpListenOptions,
    accept: (connection: TcpConnection) => void,
  ): Promise<TcpListener>;
}

/**
 * TCP as `@ingot/bgp` wants it. What is sent has DSCP CS6 and leaves this machine before data.
 *
 * @throws {RangeError} when an option is wrong.
 */
export function tcpTransport(options: TcpTransportOptions = {}): TcpTransport {
  checkTransport(options);
  return {
    dial: (target, result) => dial(target, result, options),
    listen,
  };
}
