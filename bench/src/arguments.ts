import { parseArgs } from "node:util";

/** What the benchmarks were asked for. */
export interface BenchArguments {
  readonly help: boolean;
  readonly json: boolean;
  /** Names of those to run. */
  readonly benchmarks: readonly string[];
  /** Rounds of those that let one choose; undefined: as many as each has by default. */
  readonly rounds: number | undefined;
  /** How long to soak, where a benchmark can; undefined: it does not. */
  readonly soakMinutes: number | undefined;
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
  bgp-decode  a stream of UPDATEs read, beside GoBGP's parser; a minute
  bgp-pack    1,000,000 routes packed into UPDATEs, and the memory they take; two minutes
  bgp-routes  100,000 and 1,000,000 routes until BIRD has them, and until it has none, beside BIRD,
              GoBGP and ExaBGP; time to Established; about ten minutes
  bgp-peers   200 sessions with a hold time of 9 s while 1,000,000 routes leave; a minute
  bfd         BFD sessions of 10, 50 and 300 ms with BIRD: gaps between packets, false downs, CPU;
              how soon a cut is found, beside BIRD and FRR; four minutes
  services    Services from creation to an address and a route in BIRD, with a real API server; two
              minutes
  allocator   allocation of 1,000, 16,000 and 64,000 addresses: time and heap; about a minute
  all         all of them (default)

All but allocator, bgp-decode and bgp-pack need Linux, iproute2, and root or a user namespace; arp,
ndp, flood and takeover gcc; bgp-decode go; bgp-routes bird, gobgpd and exabgp; bgp-peers bird;
bfd bird, frr and tcpdump.
Each prints its tables and targets, and writes bench/results/NAME.json.

  --rounds N  of each BGP benchmark but bgp-pack, by default 5, and cuts of bfd, by default 10;
              fewer are sooner over
  --soak-minutes N
              instead of all that, bfd holds 100 sessions of 50 ms for so long
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
      rounds: { type: "string" },
      "soak-minutes": { type: "string" },
    },
  });
  for (const name of positionals) {
    if (name !== "all" && !known.includes(name)) throw new Error(`unknown benchmark ${name}`);
  }
  const all = positionals.length === 0 || positionals.includes("all");
  const { help, json } = values;
  return {
    help,
    json,
    benchmarks: all ? known : positionals,
    rounds: numberOf("rounds", values.rounds),
    soakMinutes: numberOf("soak-minutes", values["soak-minutes"]),
  };
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`--${option} must be 1 to 999, got ${text}`);
  return Number(text);
}
