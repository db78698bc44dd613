import { withCapability } from "./capability.ts";
import type { IpAddress } from "./ip-address.ts";
import type { CheckedIpOptions } from "./ip-options.ts";
import * as libc from "./libc.ts";
import { blame } from "./reason.ts";
import { familyNumber, socketAddress } from "./socket-address.ts";

/** The kinds of socket that {@link openIpSocket} makes. */
export const SocketType = { stream: 1, datagram: 2 } as const;

/**
 * A socket that has everything but `minTtl`, which TCP and UDP do differently, and that is not
 * bound yet. An IPv6 one carries no IPv4. It is the caller's to close.
 *
 * @throws {Error} naming the option that the system refused.
 */
export function openIpSocket(
  type: (typeof SocketType)[keyof typeof SocketType],
  options: CheckedIpOptions,
): number {
  const fd = libc.socket(familyNumber(options.family), type, 0);
  return closeOnFailure(fd, () => {
    const { device, ttl, dscp } = options;
    const names = options.family === 4 ? IPV4 : IPV6;
    if (device !== undefined) {
      const name = new TextEncoder().encode(`${device}\0`);
      blame(`device ${device}`, () => libc.setOption(fd, SO_BINDTODEVICE, name));
    }
    if (options.family === 6) setInteger(fd, IPV6_V6ONLY, 1);
    blame(`dscp ${dscp}`, () => setInteger(fd, names.trafficClass, dscp << 2));
    // After the traffic class, which rewrites it.
    setPriority(fd);
    if (ttl !== undefined) blame(`ttl ${ttl}`, () => setInteger(fd, names.ttl, ttl));
    return fd;
  });
}

/**
 * Binds to an address and port.
 *
 * @throws {MissingCapabilityError} for a port below 1024 without CAP_NET_BIND_SERVICE.
 * @throws {Error} when the address is not there, or the port is in use.
 */
export function bindTo(fd: number, address: IpAddress, port: number): void {
  const purpose = `port ${port} on ${address.text}`;
  const bind = () => libc.bind(fd, socketAddress(address, port));
  try {
    if (port === 0) bind();
    else withCapability("CAP_NET_BIND_SERVICE", purpose, bind);
  } catch (error) {
    const code = error instanceof libc.SystemCallError ? error.code : undefined;
    if (code === "EADDRNOTAVAIL") {
      const tentative =
        address.family === 6 ? ", or duplicate address detection is not done yet" : "";
      throw new Error(`address not available: ${address.text} is on no interface${tentative}`, {
        cause: error,
      });
    }
    if (code === "EADDRINUSE") throw new Error(`address in use: ${purpose}`, { cause: error });
    throw error;
  }
}

/** Has TCP drop what came with a lower time to live, before and after the handshake. */
export function setMinTtl(fd: number, family: 4 | 6, minTtl: number): void {
  const option = family === 4 ? IPV4.minTtl : IPV6.minTtl;
  blame(`minTtl ${minTtl}`, () => setInteger(fd, option, minTtl));
}

/** Before data in the queues of this machine: "internetwork control", one below what root may. */
export function setPriority(fd: number): void {
  setInteger(fd, SO_PRIORITY, 6);
}

/** Sets an option whose C type is `int`. */
export function setInteger(fd: number, option: libc.SocketOption, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  libc.setOption(fd, option, bytes);
}

/** Calls, and closes the descriptor if that throws. */
export function closeOnFailure<T>(fd: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Lets a listener bind while connections of its predecessor linger. */
export const SO_REUSEADDR: libc.SocketOption = { level: 1, number: 2, name: "SO_REUSEADDR" };
const SO_PRIORITY: libc.SocketOption = { level: 1, number: 12, name: "SO_PRIORITY" };
const SO_BINDTODEVICE: libc.SocketOption = { level: 1, number: 25, name: "SO_BINDTODEVICE" };
const IPV6_V6ONLY: libc.SocketOption = { level: 41, number: 26, name: "IPV6_V6ONLY" };
const IPV4 = {
  trafficClass: { level: 0, number: 1, name: "IP_TOS" },
  ttl: { level: 0, number: 2, name: "IP_TTL" },
  minTtl: { level: 0, number: 21, name: "IP_MINTTL" },
} as const;
const IPV6 = {
  trafficClass: { level: 41, number: 67, name: "IPV6_TCLASS" },
  ttl: { level: 41, number: 16, name: "IPV6_UNICAST_HOPS" },
  minTtl: { level: 41, number: 73, name: "IPV6_MINHOPCOUNT" },
} as const;
