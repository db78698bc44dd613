/** What became of one flood of requests. */
export interface Outcome {
  readonly sent: number;
  readonly answered: number;
  /** Frames that the generator itself had no room for, answers perhaps: 0, or the rest is worth little. */
  readonly lost: number;
  /** From the first request to the last. */
  readonly seconds: number;
}

/** An outcome, and what it cost the responder. */
export interface FloodRound extends Outcome {
  readonly cpuSeconds: number;
}

/** Rounds of one responder, added up. */
export interface FloodSummary {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly requestsPerSecond: number;
  readonly unansweredPercent: number;
  /** Of the round in which it was the largest. */
  readonly worstUnansweredPercent: number;
  readonly cpuSeconds: number;
  /** CPU seconds a second of the flood. */
  readonly cpuShare: number;
  readonly cpuUsPerRequest: number;
}

/** Reads the line that the generator prints. @throws {Error} when it is another. */
export function parseOutcome(text: string): Outcome {
  const [, sent, answered, lost, ns] = /^(\d+) (\d+) (\d+) (\d+)\n$/.exec(text) ?? [];
  if (ns === undefined) throw new Error(`not the outcome of a flood: ${text}`);
  return {
    sent: Number(sent),
    answered: Number(answered),
    lost: Number(lost),
    seconds: Number(ns) / 1e9,
  };
}

/**
 * The time that all threads of a process have been given, from its `/proc/PID/stat`.
 *
 * @throws {Error} when the text is something else.
 */
export function parseCpuSeconds(stat: string): number {
  // The second field is the program's name in parentheses, whatever characters it has.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  if (Number.isNaN(seconds)) throw new Error(`not the state of a process: ${stat}`);
  return seconds;
}

/** Adds rounds up. @throws {RangeError} when there is none. */
export function summarizeFlood(rounds: readonly FloodRound[]): FloodSummary {
  if (rounds.length === 0) throw new RangeError("rounds must not be empty");
  const sum = (of: (round: FloodRound) => number) => rounds.reduce((all, r) => all + of(r), 0);
  const unanswered = (of: Pick<Outcome, "sent" | "answered">) =>
    100 * (1 - of.answered / Math.max(of.sent, 1));
  const sent = sum((round) => round.sent);
  const answered = sum((round) => round.answered);
  const seconds = sum((round) => round.seconds);
  const cpuSeconds = sum((round) => round.cpuSeconds);
  return {
    sent,
    answered,
    lost: sum((round) => round.lost),
    requestsPerSecond: sent / seconds,
    unansweredPercent: unanswered({ sent, answered }),
    worstUnansweredPercent: Math.max(...rounds.map(unanswered)),
    cpuSeconds,
    cpuShare: cpuSeconds / seconds,
    cpuUsPerRequest: (cpuSeconds / Math.max(sent, 1)) * 1e6,
  };
}

/** USER_HZ, the same on all of Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
