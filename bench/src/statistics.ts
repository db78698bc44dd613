/**
 * The smallest value that at least `fraction` of the values do not exceed (nearest rank).
 *
 * @throws {RangeError} when there is no value, or the fraction is not above 0 and at most 1.
 */
export function quantile(values: readonly number[], fraction: number): number {
  if (!(fraction > 0 && fraction <= 1)) {
    throw new RangeError(`fraction must be above 0 and at most 1, got ${fraction}`);
  }
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.ceil(fraction * sorted.length) - 1];
  if (value === undefined) throw new RangeError("values must not be empty");
  return value;
}

/** The middle value; the lower one of two. @throws {RangeError} when there is no value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
