/** @throws {RangeError} when a number is not from `least` to `most`; names the option and its value. */
export function checkRange(option: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${option} must be from ${least} to ${most}, got ${value}`);
}
