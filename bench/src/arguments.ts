import { parseArgs } from "node:util";

/** What the benchmarks were asked for. */
export interface BenchArguments {
  readonly help: boolean;
  readonly json: boolean;
  /** Names of those to run. */
  readonly benchmarks: readonly string[];
}

/** What `--help` prints. */
export const USAGE = `npm run bench [-- [NAME ...] OPTIONS]

  arp         round trip of ARP requests: Ingot's responder, the kernel's own answer and a C
              responder in one run, quiet and under load; about a minute
  ndp         the same for NDP, beside the kernel's own answer, with 200 and 5,000 addresses
              announced; about a minute
  flood       50,000 ARP requests a second: how many are answered, and what CPU time that takes,
              Ingot's responder and a C responder; a minute
  takeover    5,000 IPv4 addresses announced at once: frames on the wire, and how soon the last is
              known and answers; half a minute
  allocator   allocation of 1,000, 16,000 and 64,000 addresses: time and heap; about a minute
  all         all of them (default)

All but allocator need Linux, iproute2, gcc, and root or a user namespace.
Each prints its tables and targets, and writes bench/results/NAME.json.

  --json      print the reports as one JSON document instead (npm run -s bench -- --json)
  --help      this text
`;

/** @throws {Error} on an unknown option or benchmark; the message names it. */
export function parseArguments(argv: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  for (const name of positionals) {
    if (name !== "all" && !known.includes(name)) throw new Error(`unknown benchmark ${name}`);
  }
  const all = positionals.length === 0 || positionals.includes("all");
  return { ...values, benchmarks: all ? known : positionals };
}
