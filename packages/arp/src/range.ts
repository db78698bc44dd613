/** @throws {RangeError} when the value is out of its range; the message names the option. */
export function checkRange(option: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${option} must be from ${least} to ${most}, got ${value}`);
}
