import { median, quantile } from "../statistics.ts";

/** Round trips to one responder in one round. */
export interface Samples {
  /** In microseconds; a request that was not answered counts as one that took the whole timeout. */
  readonly roundTripsUs: readonly number[];
  readonly unanswered: number;
}

/** The figures of one round, or of several. */
export interface Summary {
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  readonly requests: number;
  readonly unanswered: number;
}

/**
 * Reads what the generator prints: the samples of each of `targets` addresses.
 *
 * @throws {Error} on a line that is not a sample.
 */
export function parseSamples(text: string, targets: number, timeoutMs: number): readonly Samples[] {
  const samples = Array.from({ length: targets }, () => ({
    roundTripsUs: [] as number[],
    unanswered: 0,
  }));
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, which, time] = /^(\d+) (\d+|-)$/.exec(line) ?? [];
    const of = samples[Number(which)];
    if (of === undefined || time === undefined) throw new Error(`not a sample: ${line}`);
    if (time === "-") of.unanswered += 1;
    of.roundTripsUs.push(time === "-" ? timeoutMs * 1_000 : Number(time) / 1_000);
  }
  return samples;
}

/** The figures of one round. @throws {RangeError} when there is no sample. */
export function summarize({ roundTripsUs, unanswered }: Samples): Summary {
  return {
    p50Us: quantile(roundTripsUs, 0.5),
    p90Us: quantile(roundTripsUs, 0.9),
    p99Us: quantile(roundTripsUs, 0.99),
    p999Us: quantile(roundTripsUs, 0.999),
    maxUs: quantile(roundTripsUs, 1),
    requests: roundTripsUs.length,
    unanswered,
  };
}

/**
 * One summary of several rounds: of each percentile the median, of the maxima the largest, of the
 * counts the sum. @throws {RangeError} when there is none.
 */
export function combine(rounds: readonly Summary[]): Summary {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    p50Us: median(rounds.map((round) => round.p50Us)),
    p90Us: median(rounds.map((round) => round.p90Us)),
    p99Us: median(rounds.map((round) => round.p99Us)),
    p999Us: median(rounds.map((round) => round.p999Us)),
    maxUs: quantile(
      rounds.map((round) => round.maxUs),
      1,
    ),
    requests: sum(rounds.map((round) => round.requests)),
    unanswered: sum(rounds.map((round) => round.unanswered)),
  };
}
