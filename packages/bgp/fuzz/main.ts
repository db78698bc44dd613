import { parseArgs } from "node:util";
import { seededRandom } from "@ingot/testkit";
import { check, type Input } from "./check.ts";
import { join, makeCorpus } from "./corpus.ts";
import { below, mutate, pick, type Random } from "./mutate.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" } },
});
const minutes = number("minutes", values.minutes ?? "1");
const seed = number("seed", values.seed ?? String(Date.now() % 2 ** 31));
const random = seededRandom(seed);
const corpus = makeCorpus();
const end = Date.now() + minutes * 60_000;

console.log(`bgp: ${minutes} minutes from seed ${seed}, ${corpus.length} messages to mutate`);
let executions = 0;
for (; Date.now() < end; executions++) {
  const input = makeInput(random);
  try {
    check(input);
  } catch (error) {
    const { stream, ...rest } = input;
    console.error(`failed after ${executions} executions from seed ${seed}`);
    console.error(JSON.stringify({ stream: Buffer.from(stream).toString("hex"), ...rest }));
    console.error(error);
    process.exit(1);
  }
}
console.log(`bgp: ${executions} executions from seed ${seed}, none failed`);

/** One to three messages, most of them mutated, in up to four pieces. */
function makeInput(draw: Random): Input {
  const stream = join(
    Array.from({ length: 1 + below(draw, 3) }, () =>
      draw() < 0.2 ? pick(draw, corpus) : mutate(corpus, draw),
    ),
  );
  const splits = Array.from({ length: below(draw, 4) }, () => below(draw, stream.length + 1));
  const families = pick(draw, [
    [{ afi: 1, safi: 1 }],
    [
      { afi: 1, safi: 1 },
      { afi: 2, safi: 1 },
    ],
  ]);
  return {
    stream,
    splits: splits.sort((a, b) => a - b),
    maxLength: pick(draw, [4096, 65_535]),
    context: {
      internal: draw() < 0.5,
      fourOctetAs: draw() < 0.7,
      families,
      extendedNextHop: draw() < 0.3 ? [{ afi: 1, safi: 1 }] : [],
      addPath: draw() < 0.2 ? families : [],
      unrecognizedWellKnown: pick(draw, ["treat-as-withdraw", "reset"] as const),
    },
  };
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text !== "" && value >= 0 && value < 2 ** 31) return value;
  throw new RangeError(`--${option} must be a number from 0 to 2147483647, got ${text}`);
}
