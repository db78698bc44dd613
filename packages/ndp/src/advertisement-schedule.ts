import { checkRange } from "./range.ts";

// When a router advertises.
//
//               | idle      | advertising
//  start        | advertise | -
//  stop         | -         | retire, idle
//  up           | -         | advertise, the first few closer together
//  solicitation | -         | advertise within half a second
//  deadline     | -         | advertise
//
// Two advertisements are never closer than three seconds, or than the least interval if that is
// shorter: what would come earlier waits.

/** What happens to an {@link AdvertisementSchedule}. */
export type ScheduleInput =
  | { readonly type: "start" }
  | { readonly type: "stop" }
  /** The interface came up, or has another hardware address now. */
  | { readonly type: "up" }
  /** A host asked which routers there are. */
  | { readonly type: "solicitation" }
  | { readonly type: "tick" };

/** What an {@link AdvertisementSchedule} wants sent; `retire` is the advertisement of an end. */
export type ScheduleOutput = { readonly type: "advertise" } | { readonly type: "retire" };

/** How often a router advertises. */
export interface ScheduleOptions {
  /** 70 to 1,800,000, by default 600,000 (MaxRtrAdvInterval). */
  readonly maxIntervalMs?: number;
  /**
   * 30 to three quarters of `maxIntervalMs`, by default a third of it, or three quarters when it is
   * below 9 seconds (MinRtrAdvInterval).
   */
  readonly minIntervalMs?: number;
}

/**
 * Decides when a router advertises itself. Holds no timer and no socket: hand it what happened and
 * the time, carry out what it returns, and wake it with a tick at its deadline. A tick before the
 * deadline does nothing. Never throws once it is made.
 *
 * @see RFC 4861 sections 6.2.1, 6.2.4, 6.2.5 and 6.2.6; RFC 6275 section 7.5 for the short intervals
 */
export class AdvertisementSchedule {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #apartMs: number;
  readonly #random: () => number;
  #advertising = false;
  #deadline = NEVER;
  #lastAt = -NEVER;
  #initialLeft = 0;

  /**
   * @param random spreads the advertisements: numbers from 0 to below 1, evenly spread.
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   */
  constructor(options: ScheduleOptions, random: () => number) {
    const { maxIntervalMs = MAX_INTERVAL_MS } = options;
    checkRange("maxIntervalMs", maxIntervalMs, 70, 1_800_000);
    const share = maxIntervalMs >= 9_000 ? 0.33 : 0.75;
    const { minIntervalMs = maxIntervalMs * share } = options;
    checkRange("minIntervalMs", minIntervalMs, 30, maxIntervalMs * 0.75);
    this.#minMs = minIntervalMs;
    this.#maxMs = maxIntervalMs;
    this.#apartMs = Math.min(3_000, minIntervalMs);
    this.#random = random;
  }

  /** When to tick next, on the clock of `now`; infinite while idle. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: ScheduleInput, now: number): readonly ScheduleOutput[] {
    if (input.type === "start") return this.#advertising ? [] : this.#begin(now);
    if (!this.#advertising) return [];
    switch (input.type) {
      case "stop":
        this.#advertising = false;
        this.#lastAt = now;
        this.#deadline = NEVER;
        return [{ type: "retire" }];
      case "up":
        return this.#begin(now);
      case "solicitation":
        this.#advance(now + this.#random() * MAX_ANSWER_DELAY_MS);
        return [];
      case "tick":
        return now < this.#deadline ? [] : this.#advertise(now);
    }
  }

  #begin(now: number): readonly ScheduleOutput[] {
    this.#advertising = true;
    this.#initialLeft = INITIAL_ADVERTISEMENTS;
    this.#advance(now);
    return now < this.#deadline ? [] : this.#advertise(now);
  }

  /** Has the next advertisement no later than `wanted`, if that is not too close to the last one. */
  #advance(wanted: number): void {
    this.#deadline = Math.min(this.#deadline, Math.max(wanted, this.#lastAt + this.#apartMs));
  }

  #advertise(now: number): readonly ScheduleOutput[] {
    this.#initialLeft = Math.max(0, this.#initialLeft - 1);
    const mostMs = this.#initialLeft > 0 ? INITIAL_INTERVAL_MS : NEVER;
    const intervalMs = this.#minMs + this.#random() * (this.#maxMs - this.#minMs);
    this.#lastAt = now;
    this.#deadline = now + Math.min(intervalMs, mostMs);
    return [{ type: "advertise" }];
  }
}

/** The default of `maxIntervalMs`. */
export const MAX_INTERVAL_MS = 600_000;

const NEVER = Number.POSITIVE_INFINITY;
// RFC 4861 section 10: MAX_INITIAL_RTR_ADVERTISEMENTS, MAX_INITIAL_RTR_ADVERT_INTERVAL, MAX_RA_DELAY_TIME.
const INITIAL_ADVERTISEMENTS = 3;
const INITIAL_INTERVAL_MS = 16_000;
const MAX_ANSWER_DELAY_MS = 500;
