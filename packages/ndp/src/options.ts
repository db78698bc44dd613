import { type FrameBucket, TokenBucket } from "./bucket.ts";
import { checkRange } from "./range.ts";

/**
 * Whether to ask first if somebody has an address: `off` claims it at once; `first` stays silent until
 * nobody has answered (RFC 4862 section 5.4); `optimistic` answers for it meanwhile (RFC 4429), and only
 * the unsolicited advertisements wait.
 */
export type ProbeMode = "off" | "first" | "optimistic";

/**
 * What to do when another host claims an address that is claimed here: give it up at once (`never`),
 * when a defence did not help (`once`), or not at all (`always`); `report` keeps it without a defence,
 * for hosts that settle by other means who has it. No NDP specification has a defence: these are those
 * of RFC 5227 section 2.4.
 */
export type DefendMode = "never" | "once" | "always" | "report";

/** How addresses are claimed, announced and defended. Times default to RFC 4862's where it has one. */
export interface AnnouncerOptions {
  /** Between two unsolicited advertisements; 1 to 3,600,000, by default 1,100. */
  readonly unsolicitedIntervalMs?: number;
  /** From the first to the last at most; 0 (one only) to 3,600,000, by default 5,000. */
  readonly unsolicitedForMs?: number;
  /** Between two of them after that, for ever; 0 (none, the default) to 86,400,000. */
  readonly refreshMs?: number;
  /**
   * From the claim of an address to a question that finds who else answers for it, and from one such
   * question to the next as long as somebody does; 0 (none, the default) to 3,600,000.
   */
  readonly checkMs?: number;
  /** By default `off`; each announcement may have its own. */
  readonly probe?: ProbeMode;
  /** How many probes; 1 to 10, by default 1 (DupAddrDetectTransmits). */
  readonly probeCount?: number;
  /**
   * The first probe waits for a random part of this; 0 to 60,000, by default 0: RFC 4862's second is for
   * the first message of an interface, and RFC 4429 forbids it.
   */
  readonly probeWaitMs?: number;
  /** Between two probes at least; 0 to 60,000, by default 1,000 (RetransTimer). */
  readonly probeMinMs?: number;
  /** Between two probes at most; from `probeMinMs` to 60,000, by default 1,000 (RetransTimer). */
  readonly probeMaxMs?: number;
  /** From the last probe to the claim; 0 to 60,000, by default 1,000 (RetransTimer). */
  readonly announceWaitMs?: number;
  /** By default `always`. */
  readonly defend?: DefendMode;
  /** Between two defences of an address; 1 to 3,600,000, by default 10,000. */
  readonly defendIntervalMs?: number;
  /** From giving an address up to probing it again, and up to a tenth more; 1 to 3,600,000, by default 30,000. */
  readonly retryMs?: number;
  /** How many probes and unsolicited advertisements may go out; 1 to 1,000,000, by default 500. */
  readonly framesPerSecond?: number;
  /** How many of them at once after a rest; 2 to 1,000,000, by default a tenth of a second's. */
  readonly frameBurst?: number;
  /**
   * What lets them through, in place of `framesPerSecond` and `frameBurst`, which mean nothing then:
   * one that several announcers share, an ARP responder's among them. Which announcer's go first is not
   * known to it; each lets its own most urgent go first.
   */
  readonly bucket?: FrameBucket;
}

/**
 * The options with every default filled in.
 *
 * @throws {RangeError} when one is out of its range; the message names it and its value.
 */
export function complete(options: AnnouncerOptions): Required<AnnouncerOptions> {
  const given = { ...DEFAULTS, ...options };
  const { framesPerSecond, frameBurst = Math.max(2, framesPerSecond / 10) } = given;
  checkRange("unsolicitedIntervalMs", given.unsolicitedIntervalMs, 1, HOUR_MS);
  checkRange("unsolicitedForMs", given.unsolicitedForMs, 0, HOUR_MS);
  checkRange("refreshMs", given.refreshMs, 0, 24 * HOUR_MS);
  checkRange("checkMs", given.checkMs, 0, HOUR_MS);
  checkChoice("probe", given.probe, PROBE_MODES);
  checkCount("probeCount", given.probeCount, 1, 10);
  checkRange("probeWaitMs", given.probeWaitMs, 0, MINUTE_MS);
  checkRange("probeMinMs", given.probeMinMs, 0, MINUTE_MS);
  checkRange("probeMaxMs", given.probeMaxMs, given.probeMinMs, MINUTE_MS);
  checkRange("announceWaitMs", given.announceWaitMs, 0, MINUTE_MS);
  checkChoice("defend", given.defend, ["never", "once", "always", "report"]);
  checkRange("defendIntervalMs", given.defendIntervalMs, 1, HOUR_MS);
  checkRange("retryMs", given.retryMs, 1, HOUR_MS);
  checkRange("framesPerSecond", framesPerSecond, 1, 1_000_000);
  checkRange("frameBurst", frameBurst, 2, 1_000_000);
  const bucket = given.bucket ?? new TokenBucket(framesPerSecond, frameBurst);
  return { ...given, frameBurst, bucket };
}

/** @throws {RangeError} when a choice of {@link ProbeMode} is none; the message names its value. */
export function checkProbeMode(mode: ProbeMode): void {
  checkChoice("probe", mode, PROBE_MODES);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const PROBE_MODES: readonly ProbeMode[] = ["off", "first", "optimistic"];

const DEFAULTS = {
  unsolicitedIntervalMs: 1_100,
  unsolicitedForMs: 5_000,
  refreshMs: 0,
  checkMs: 0,
  probe: "off",
  probeCount: 1,
  probeWaitMs: 0,
  probeMinMs: 1_000,
  probeMaxMs: 1_000,
  announceWaitMs: 1_000,
  defend: "always",
  defendIntervalMs: 10_000,
  retryMs: 30_000,
  framesPerSecond: 500,
} satisfies AnnouncerOptions;

function checkCount(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${option} must be a whole number from ${least} to ${most}, got ${value}`);
}

function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new RangeError(`${option} must be one of ${choices.join(", ")}, got ${value}`);
}
