/** A number from 0 to below 1, evenly spread; `Math.random` is one. */
export type Random = () => number;

/**
 * Shortens a time at random, to between three quarters and all of it, so that speakers that started
 * together do not go on together. @see RFC 4271 section 10
 */
export function jittered(delayMs: number, random: Random): number {
  return delayMs * (0.75 + 0.25 * random());
}
