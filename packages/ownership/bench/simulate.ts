import { parseArgs } from "node:util";
import type { OmittedRule } from "../src/claim.ts";
import { play } from "../src/testing/scenario.ts";

const USAGE = `Plays the ownership of addresses on simulated LANs, and says which seeds break a promise.

npm run simulate -- [options]
  --seeds N      how many to play; 1000
  --from S       the first of them; 1
  --trace SEED   play this one, and print what happens
  --omit RULE    leave a rule out, which has to be found out: yield, backup or listen
  --help         this`;

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

function readArguments(words: string[]) {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        seeds: { type: "string", default: "1000" },
        from: { type: "string", default: "1" },
        trace: { type: "string" },
        omit: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      console.log(USAGE);
      process.exit(0);
    }
    return {
      seeds: wholeNumber("--seeds", values.seeds),
      from: wholeNumber("--from", values.from),
      trace: values.trace === undefined ? undefined : wholeNumber("--trace", values.trace),
      omit: ruleOf(values.omit),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${flag} must be a whole number, got ${JSON.stringify(text)}`);
}

function ruleOf(text: string | undefined): OmittedRule | undefined {
  if (text === undefined || text === "yield" || text === "backup" || text === "listen") return text;
  throw new Error(`--omit must be yield, backup or listen, got ${JSON.stringify(text)}`);
}
