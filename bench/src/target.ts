/** A promise about speed, and what was measured. */
export interface Target {
  /** Such as `ARP p99, quiet, to that of C`. */
  readonly what: string;
  /** What the figures count: `x` is a ratio. */
  readonly unit: Unit;
  readonly measured: number;
  /** The most that was promised. */
  readonly limit: number;
  readonly met: boolean;
}

type Unit =
  | "x"
  | "%"
  | "µs"
  | "ms"
  | "s"
  | "downs"
  | "datagrams"
  | "connections"
  | "rounds"
  | "addresses"
  | "changes"
  | "MB"
  | "writes"
  | "faults";

/** Compares what was measured with what was promised. */
export function target(
  what: string,
  unit: Target["unit"],
  measured: number,
  limit: number,
): Target {
  return { what, unit, measured, limit, met: measured <= limit };
}

/** The target in a line, whether it is met first. */
export function renderTarget({ what, unit, measured, limit, met }: Target): string {
  const share = limit === 0 ? "" : ` (${Math.round((measured / limit) * 100)} % of the limit)`;
  const figure = `${figureOf(measured)} ${unit}, at most ${limit} ${unit}`;
  return `${met ? "met   " : "MISSED"}  ${what}: ${figure}${share}`;
}

/** Three digits that tell something. */
function figureOf(value: number): string {
  return String(Number(value.toPrecision(3)));
}
