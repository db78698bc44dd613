/** Milliseconds since 1970 with their fractions: what the processes of a benchmark compare. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
