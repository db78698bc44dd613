import type { BfdAuthentication } from "./authentication.ts";

/** How often a session sends and expects packets; may change while it runs. */
export interface BfdTiming {
  /** How often packets are sent at most, once up (bfd.DesiredMinTxInterval). 300 by default. */
  readonly transmitIntervalMs?: number;
  /** How often packets can be received (bfd.RequiredMinRxInterval). 300 by default. */
  readonly receiveIntervalMs?: number;
  /** Lost packets after which the neighbour finds us gone, 1 to 255 (bfd.DetectMult). 3 by default. */
  readonly detectMultiplier?: number;
}

/** How a session behaves. The defaults are those of FRR, which MetalLB's BFDProfile inherits. */
export interface BfdMachineOptions extends BfdTiming {
  /** Sends nothing before the neighbour was heard (RFC 5880 section 6.1). False by default. */
  readonly passive?: boolean;
  /**
   * Sends echo packets, which the neighbour's forwarding plane returns; control packets are then
   * received once a second. IPv4 over one hop only. False by default.
   */
  readonly echo?: boolean;
  /** How often echo packets are sent at most. 50 by default. */
  readonly echoIntervalMs?: number;
  /**
   * How often the neighbour's echo packets can be returned, as advertised; 0 is never. By default
   * `echoIntervalMs` with `echo`, else 0.
   */
  readonly echoReceiveIntervalMs?: number;
  /**
   * Says that this BFD outlives the control plane: it is not part of the routing protocol's process
   * (RFC 5882 section 4.3.2). False by default.
   */
  readonly controlPlaneIndependent?: boolean;
}

/** One session. */
export interface BfdSessionOptions extends BfdMachineOptions {
  /** Canonical text, IPv4 or IPv6 as `remoteAddress`. */
  readonly localAddress: string;
  /** Canonical text, without a zone. */
  readonly remoteAddress: string;
  /** Interface of the session; link-local addresses need one. */
  readonly device?: string;
  /** Whether the neighbour is on the link (RFC 5881) or farther away (RFC 5883). False by default. */
  readonly multihop?: boolean;
  /** With `multihop`, the least time to live to accept, 1 to 254. 254 by default. */
  readonly minTtl?: number;
  /** None by default. */
  readonly authentication?: BfdAuthentication;
}

/** What a machine works with: no option left out. */
export type ResolvedOptions = Required<BfdMachineOptions>;

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when an option is out of its range; the message names it and its value.
 */
export function resolveOptions(options: BfdMachineOptions): ResolvedOptions {
  const { echo = false, echoIntervalMs = 50 } = options;
  checkInterval("echoIntervalMs", echoIntervalMs, 1);
  const { echoReceiveIntervalMs = echo ? echoIntervalMs : 0 } = options;
  checkInterval("echoReceiveIntervalMs", echoReceiveIntervalMs, 0);
  return {
    ...resolveTiming(options),
    passive: options.passive ?? false,
    echo,
    echoIntervalMs,
    echoReceiveIntervalMs,
    controlPlaneIndependent: options.controlPlaneIndependent ?? false,
  };
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when an option is out of its range; the message names it and its value.
 */
export function resolveTiming(timing: BfdTiming): Required<BfdTiming> {
  const { transmitIntervalMs = 300, receiveIntervalMs = 300, detectMultiplier = 3 } = timing;
  checkInterval("transmitIntervalMs", transmitIntervalMs, 1);
  checkInterval("receiveIntervalMs", receiveIntervalMs, 1);
  if (!(Number.isInteger(detectMultiplier) && detectMultiplier >= 1 && detectMultiplier <= 0xff)) {
    throw new RangeError(
      `detectMultiplier must be a whole number from 1 to 255, got ${detectMultiplier}`,
    );
  }
  return { transmitIntervalMs, receiveIntervalMs, detectMultiplier };
}

/**
 * Checks what has to do with where the neighbour is.
 *
 * @throws {RangeError} when the options do not go together; the message names them.
 */
export function checkPath(options: BfdSessionOptions): void {
  const { localAddress, remoteAddress, device, multihop = false, minTtl } = options;
  const isIpv6 = remoteAddress.includes(":");
  if (isIpv6 !== localAddress.includes(":")) {
    throw new RangeError(
      `localAddress must be of the family of ${remoteAddress}, got ${localAddress}`,
    );
  }
  if (/^fe[89ab]/i.test(remoteAddress) && device === undefined) {
    throw new RangeError(`device must be given for the link-local address ${remoteAddress}`);
  }
  if (minTtl !== undefined) {
    if (!multihop) throw new RangeError(`minTtl is for multihop: one hop is 255, got ${minTtl}`);
    if (!(Number.isInteger(minTtl) && minTtl >= 1 && minTtl <= 254)) {
      throw new RangeError(`minTtl must be a whole number from 1 to 254, got ${minTtl}`);
    }
  }
  const { echo, echoReceiveIntervalMs } = resolveOptions(options);
  const option = echo ? "echo" : "echoReceiveIntervalMs";
  if (!echo && echoReceiveIntervalMs === 0) return;
  if (isIpv6) throw new RangeError(`${option} must be off for IPv6, got it for ${remoteAddress}`);
  if (multihop) {
    throw new RangeError(`${option} must be off with multihop, got it for ${remoteAddress}`);
  }
}

/** The longest that fits into 32 bits of microseconds. */
const LONGEST_MS = 4_294_967;

function checkInterval(option: string, value: number, least: number): void {
  if (value >= least && value <= LONGEST_MS) return;
  throw new RangeError(`${option} must be from ${least} to ${LONGEST_MS}, got ${value}`);
}
