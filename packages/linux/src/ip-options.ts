import { type IpAddress, ipAddress, isLinkLocal } from "./ip-address.ts";

/** What TCP and UDP sockets can be told besides their addresses. Nothing of it is ever ignored. */
export interface IpSocketOptions {
  /** Address to bind to; canonical text, without a zone. */
  readonly localAddress?: string;
  /** Interface to bind to; also the scope of a link-local address. */
  readonly device?: string;
  /** Time to live (hop limit) of what is sent, 1 to 255; the system's default otherwise. */
  readonly ttl?: number;
  /** The least that is accepted, 1 to 255; all is by default. @see RFC 5082 */
  readonly minTtl?: number;
  /** Differentiated services code point, 0 to 63; 48 (CS6) by default. @see RFC 4594 section 3.1 */
  readonly dscp?: number;
}

/** Options that were found good, with their defaults. */
export interface CheckedIpOptions {
  readonly family: 4 | 6;
  readonly local: IpAddress | undefined;
  readonly device: string | undefined;
  readonly ttl: number | undefined;
  readonly minTtl: number | undefined;
  readonly dscp: number;
}

/**
 * Checks the options of a socket, whose family follows from the addresses.
 *
 * @param remote whom it is to talk to, if that is known.
 * @throws {RangeError} naming the option and its value.
 */
export function checkIpOptions(options: IpSocketOptions, remote?: IpAddress): CheckedIpOptions {
  const { localAddress, device, ttl, minTtl, dscp = CS6 } = options;
  const local = localAddress === undefined ? undefined : ipAddress("localAddress", localAddress);
  const family = remote?.family ?? local?.family ?? 4;
  if (local !== undefined && local.family !== family) {
    throw new RangeError(`localAddress must be an IPv${family} address, got ${local.text}`);
  }
  if (device !== undefined) checkDevice(device);
  for (const address of [local, remote]) {
    if (address !== undefined && isLinkLocal(address) && device === undefined) {
      throw new RangeError(`device must name the interface of ${address.text}, got none`);
    }
  }
  if (ttl !== undefined) checkInteger("ttl", ttl, 1, 255);
  if (minTtl !== undefined) checkInteger("minTtl", minTtl, 1, 255);
  checkInteger("dscp", dscp, 0, 63);
  return { family, local, device, ttl, minTtl, dscp };
}

/** @throws {RangeError} when the option is not a whole number within its limits. */
export function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be an integer from ${least} to ${most}, got ${value}`);
}

/** As the kernel's `dev_valid_name` does. */
function checkDevice(name: string): void {
  const lengthBytes = Buffer.byteLength(name);
  if (lengthBytes >= 1 && lengthBytes <= 15 && !/[\s/:\0]/.test(name) && !/^\.\.?$/.test(name))
    return;
  throw new RangeError(`device must be the name of an interface, got ${JSON.stringify(name)}`);
}

const CS6 = 48;
