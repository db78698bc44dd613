import { coverOf, prefixesOf } from "./prefixes.ts";

/** The two ends of a cable. */
export interface Ends {
  readonly asn: number;
  readonly local: string;
  readonly peer: string;
}

/** The AS number of whoever receives. */
export const RECEIVER_ASN = 65_000;

/**
 * A BIRD that takes in what these announce, `senders` by their names. Its protocols are called
 * `from_NAME`, since `bird` is a word of its language.
 */
export function receiverConfig(senders: Readonly<Record<string, Ends>>): string {
  const sessions = Object.entries(senders).map(
    ([name, { asn, local, peer }]) => `protocol bgp from_${name} {
  local ${peer} as ${RECEIVER_ASN}; neighbor ${local} as ${asn}; passive;
  ipv4 { import all; export none; };
}`,
  );
  return [BIRD_HEAD, "router id 198.18.0.1;", ...sessions].join("\n");
}

/** A BIRD that takes in what anybody of a range of addresses announces. */
export function manyPeersConfig(local: string, range: string): string {
  return `${BIRD_HEAD}
router id ${local};
protocol bgp any {
  local ${local} as ${RECEIVER_ASN}; neighbor range ${range} external; dynamic name "from_"; passive;
  hold time 9;
  ipv4 { import all; export none; };
}
`;
}

/**
 * A BIRD with these routes in a table of their own. Enabling `release` brings them into the table
 * that `receiver` announces: what a call of `announce` is elsewhere.
 */
export function birdConfig({ asn, local, peer }: Ends, routes: number): string {
  return [
    BIRD_HEAD,
    `router id ${local};`,
    "ipv4 table stock;",
    "protocol static addresses { ipv4 { table stock; };",
    ...prefixesOf(routes).map((prefix) => `route ${prefix} blackhole;`),
    "}",
    "protocol pipe release { table master4; peer table stock; import all; export none; disabled; }",
    `protocol bgp receiver {
  local ${local} as ${asn}; neighbor ${peer} as ${RECEIVER_ASN}; disabled;
  ipv4 { import none; export all; };
}`,
  ].join("\n");
}

/** A GoBGP that announces what `feeder` gives it. */
export function goBgpConfig({ asn, local, peer }: Ends, feeder: Ends): string {
  return `[global.config]
as = ${asn}
router-id = "${local}"
[[neighbors]]
[neighbors.config]
neighbor-address = "${feeder.local}"
peer-as = ${feeder.asn}
[neighbors.transport.config]
passive-mode = true
[[neighbors]]
[neighbors.config]
neighbor-address = "${peer}"
peer-as = ${RECEIVER_ASN}
admin-down = true
[neighbors.transport.config]
local-address = "${local}"
`;
}

/** An ExaBGP with these routes. */
export function exaBgpConfig({ asn, local, peer }: Ends, routes: number): string {
  const lines = coverOf(routes).map((prefix) => `route ${prefix} next-hop ${local} split /32;`);
  return `neighbor ${peer} {
  router-id ${local}; local-address ${local}; local-as ${asn}; peer-as ${RECEIVER_ASN};
  family { ipv4 unicast; }
  static { ${lines.join("\n")} }
}
`;
}

/** Nothing goes into a kernel's table. */
const BIRD_HEAD = `log stderr { warning, error, fatal, bug };
timeformat protocol iso long ms;
protocol device { scan time 10; }`;
