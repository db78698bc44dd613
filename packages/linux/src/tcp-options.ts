import { isIPv6 } from "node:net";
import { type IpAddress, ipAddress, isLinkLocal, isUnicast } from "./ip-address.ts";
import {
  type CheckedIpOptions,
  checkInteger,
  checkIpOptions,
  type IpSocketOptions,
} from "./ip-options.ts";

/** What a TCP socket can be told besides its addresses. */
export interface TcpSocketOptions extends IpSocketOptions {
  /** Key that both ends sign every segment with, 1 to 80 octets of UTF-8. @see RFC 2385 */
  readonly password?: string;
}

/** Whom to connect to. */
export interface TcpDialTarget extends TcpSocketOptions {
  /** Canonical text; never a name. */
  readonly address: string;
  readonly port: number;
}

/** Where to listen. A password is for every peer that `setKey` was not called for. */
export interface TcpListenOptions extends TcpSocketOptions {
  readonly localAddress: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** How a dial ended; exactly one of the two is called, and none after it was cancelled. */
export interface TcpDialResult<Connection> {
  connected(connection: Connection): void;
  failed(reason: string): void;
}

/** What every socket of a transport is told. */
export interface TcpTransportOptions {
  /**
   * How often the system repeats an unanswered SYN before the dial fails with `timed out`, 1 to
   * 127; its own default otherwise (`net.ipv4.tcp_syn_retries`). A wrong password is not answered.
   */
  readonly synRetries?: number;
}

/** A target that was found good. */
export interface CheckedTarget extends CheckedIpOptions {
  readonly remote: IpAddress;
  readonly port: number;
  /** The address as Node wants it, with the zone of a link-local one. */
  readonly host: string;
}

/** @throws {RangeError} naming the option and its value. */
export function checkTarget(target: TcpDialTarget): CheckedTarget {
  const remote = ipAddress("address", target.address);
  if (!isUnicast(remote)) {
    throw new RangeError(`address must be that of a host, got ${remote.text}`);
  }
  checkInteger("port", target.port, 1, 65_535);
  const checked = checkIpOptions(target, remote);
  return { ...checked, remote, port: target.port, host: hostText(remote, checked.device) };
}

/**
 * Newer versions of libuv give a link-local address without a zone that of the first interface,
 * whatever device the socket is bound to. Node takes a zone for part of an address only if its
 * letters are few.
 */
function hostText(remote: IpAddress, device: string | undefined): string {
  if (!isLinkLocal(remote)) return remote.text;
  const host = `${remote.text}%${device}`;
  if (isIPv6(host)) return host;
  const letters = "letters, digits, hyphens, dots and colons";
  throw new RangeError(
    `device must have only ${letters} in its name to be the scope of ${remote.text}, got ${JSON.stringify(device)}`,
  );
}

/** Listen options that were found good. */
export interface CheckedListen extends CheckedIpOptions {
  readonly local: IpAddress;
  readonly port: number;
}

/** @throws {RangeError} naming the option and its value. */
export function checkListen(options: TcpListenOptions): CheckedListen {
  checkInteger("port", options.port, 0, 65_535);
  const local = ipAddress("localAddress", options.localAddress);
  return { ...checkIpOptions(options), local, port: options.port };
}

/** @throws {RangeError} naming the option and its value. */
export function checkTransport({ synRetries }: TcpTransportOptions): void {
  if (synRetries !== undefined) checkInteger("synRetries", synRetries, 1, 127);
}
