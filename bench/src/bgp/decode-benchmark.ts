import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Findings, Settings } from "../report.ts";
import { median } from "../statistics.ts";
import type { Table } from "../table.ts";
import { target } from "../target.ts";
import type { DecodeFigures, Tier } from "./decode-program.ts";
import { buildGoDecoder, goBgpVersion } from "./go-decoder.ts";
import { type StreamContents, updateStream } from "./update-stream.ts";

/** How fast a stream of UPDATEs is read, beside GoBGP's parser. */
export const decodeBenchmark: Benchmark = { name: "bgp-decode", run };

/** One decoder, and what its runs took. */
interface Row {
  readonly decoder: Decoder;
  /** The median of each round. */
  readonly roundsMs: number[];
}

async function run(
  say: (progress: string) => void,
  { rounds = ROUNDS }: Settings,
): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), "bgp-decode-"));
  try {
    say("building GoBGP's parser");
    const goDecoder = await buildGoDecoder(folder);
    const { octets, ...contents } = updateStream(SEED, MESSAGES);
    const file = join(folder, "stream");
    writeFileSync(file, octets);
    const rows: readonly Row[] = DECODERS.map((decoder) => ({ decoder, roundsMs: [] }));
    const loads: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`);
      loads.push(loadavg()[0] ?? 0);
      for (const { decoder, roundsMs } of round % 2 === 0 ? rows.toReversed() : rows) {
        const figures = await decode(decoder, goDecoder, file);
        checkContents(decoder, figures, contents);
        roundsMs.push(median(figures.runsMs));
      }
    }
    const rate = (decoder: Decoder) => {
      const row = rows.find((each) => each.decoder === decoder);
      return octets.length / 1_000 / median(row?.roundsMs ?? []);
    };
    const parse = rate(GOBGP_PARSE);
    return {
      notes: [
        `a stream of ${MESSAGES.toLocaleString("en")} messages made up from seed ${SEED}: ` +
          `${(octets.length / 1e6).toFixed(1)} MB, ${contents.announced} prefixes announced, ` +
          `${contents.withdrawn} withdrawn, ${contents.attributes} attributes`,
        `${rounds} rounds, each decoder in a fresh process in turn: ${WARM_UPS} runs that are not ` +
          `counted, then ${RUNS}; GoBGP ${goBgpVersion()}, one goroutine`,
      ],
      tables: [tableOf(rows, octets.length)],
      targets: [
        target("GoBGP's rate to ours, validated", "x", parse / rate(VALIDATED), 1),
        target("GoBGP's rate to ours, attributes made objects", "x", parse / rate(ATTRIBUTES), 1),
        target("GoBGP's rate to ours, prefixes made text, too", "x", parse / rate(ALL), 1),
      ],
      figures: { seed: SEED, octets: octets.length, contents, rows, loads },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function decode(
  { program, tier }: Decoder,
  goDecoder: string,
  file: string,
): Promise<DecodeFigures> {
  const args = [file, tier, String(WARM_UPS), String(RUNS)];
  const options = { timeout: LIMIT_MS, killSignal: "SIGKILL" } as const;
  const { stdout } =
    program === "node"
      ? await promisify(execFile)(process.execPath, [PROGRAM, ...args], options)
      : await promisify(execFile)(goDecoder, args, options);
  return JSON.parse(stdout) as DecodeFigures;
}

/** Whoever finds something else has not read the same. */
function checkContents({ name, tier }: Decoder, found: StreamContents, made: StreamContents): void {
  const fields = ["messages", "announced", "withdrawn", "attributes"] as const;
  for (const field of tier === "frame" ? fields.slice(0, 1) : fields) {
    if (found[field] === made[field]) continue;
    throw new Error(`${name} found ${found[field]} ${field}, of ${made[field]}`);
  }
}

function tableOf(rows: readonly Row[], octets: number): Table {
  const gobgp = median(rows.find(({ decoder }) => decoder === GOBGP_PARSE)?.roundsMs ?? []);
  return {
    title: "Decoding of an UPDATE stream",
    columns: ["decoder", "MB/s", "best MB/s", "messages/s", "ns/message", "times GoBGP's"],
    rows: rows.map(({ decoder, roundsMs }) => {
      const ms = median(roundsMs);
      return [
        decoder.name,
        (octets / 1_000 / ms).toFixed(0),
        (octets / 1_000 / Math.min(...roundsMs)).toFixed(0),
        ((MESSAGES / ms) * 1_000).toFixed(0),
        ((ms * 1e6) / MESSAGES).toFixed(0),
        (gobgp / ms).toFixed(2),
      ];
    }),
  };
}

/** A program, and how far it reads. */
interface Decoder {
  readonly name: string;
  readonly program: "node" | "go";
  readonly tier: Tier | "parse";
}

const VALIDATED: Decoder = {
  name: "Ingot, validated, attributes and prefixes visited",
  program: "node",
  tier: "validate",
};
const ATTRIBUTES: Decoder = {
  name: "Ingot, validated, attributes made objects, prefixes visited",
  program: "node",
  tier: "attributes",
};
const ALL: Decoder = {
  name: "Ingot, validated, attributes made objects, prefixes text",
  program: "node",
  tier: "materialise",
};
const GOBGP_PARSE: Decoder = { name: "GoBGP, parsed", program: "go", tier: "parse" };
const DECODERS: readonly Decoder[] = [
  { name: "Ingot, cut into messages", program: "node", tier: "frame" },
  VALIDATED,
  ATTRIBUTES,
  ALL,
  GOBGP_PARSE,
  { name: "GoBGP, parsed and validated", program: "go", tier: "validate" },
];
const PROGRAM = fileURLToPath(new URL("./decode-program.js", import.meta.url));
const SEED = 4_271;
const MESSAGES = 100_000;
const WARM_UPS = 4;
const RUNS = 7;
const ROUNDS = 5;
const LIMIT_MS = 120_000;
