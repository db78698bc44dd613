import { play } from "../src/testing/scenario.ts";

// Plays many seeds and stops at the first that breaks a promise:
//
//   npm run simulate -- --seeds 10000 --from 1
//   npm run simulate -- --trace 4711

const { seeds, from, trace, omit } = readArguments(process.argv.slice(2));

if (trace !== undefined) {
  const { trace: lines, violations } = play(trace, omit, true);
  console.log(lines.join("\n"));
  console.log(violations.length === 0 ? "no promise was broken" : `seed ${trace} broke a promise`);
  process.exitCode = violations.length === 0 ? 0 : 1;
} else run();

function run(): void {
  const started = performance.now();
  const takeOvers: number[] = [];
  let overlapMs = 0;
  let broken = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = play(seed, omit);
    if (outcome.takeOverMs > 0) takeOvers.push(outcome.takeOverMs);
    overlapMs = Math.max(overlapMs, outcome.overlapMs);
    if (outcome.violations.length === 0) continue;
    broken += 1;
    if (broken === 1) console.log(play(seed, omit, true).trace.join("\n"));
    console.log(`seed ${seed}: ${outcome.violations[0]?.text}`);
    if (broken >= 10) break;
  }
  takeOvers.sort((one, other) => one - other);
  const at = (share: number) =>
    (takeOvers[Math.floor(share * (takeOvers.length - 1))] ?? 0).toFixed(0);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(
    `${seeds} seeds from ${from} in ${seconds} s: ${broken === 0 ? "clean" : `${broken} broken`}`,
  );
  console.log(`crash to take-over, ms: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`);
  console.log(`two answered in a planned change, ms: max ${overlapMs.toFixed(1)}`);
  process.exitCode = broken === 0 ? 0 : 1;
}

function readArguments(words: readonly string[]) {
  const values = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) values.set(words[i] ?? "", words[i + 1] ?? "");
  const number = (name: string, otherwise: number | undefined) => {
    const text = values.get(name);
    return text === undefined ? otherwise : Number(text);
  };
  const rule = values.get("--omit");
  return {
    seeds: number("--seeds", 1_000) ?? 0,
    from: number("--from", 1) ?? 1,
    trace: number("--trace", undefined),
    omit: rule === "yield" || rule === "backup" || rule === "listen" ? rule : undefined,
  } as const;
}
