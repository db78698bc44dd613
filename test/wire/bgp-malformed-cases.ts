/** Something wrong to send, and what has to come of it. */
export interface MalformedCase {
  readonly name: string;
  /** The last thing that is right. */
  readonly stage: "open-sent" | "open-confirm" | "established";
  /** Octets in hexadecimal. */
  readonly send: string;
  /** Our own AS is the peer's, or what an option of the peer's asks for. */
  readonly kind?: "internal" | "ipv6-required" | "customer";
  readonly holdTimeS?: number;
  /** The peer asks for graceful restart, with the N bit. */
  readonly restartTimeS?: number;
  /**
   * The body of the NOTIFICATION in hexadecimal, nothing being a close without one; or what becomes
   * of the announced prefix in a session that goes on.
   */
  readonly answer: string | "treat-as-withdraw" | "discard-attribute";
}

const MARKER = "ff".repeat(16);
const ORIGIN = attribute("40", 1, "00");
const PATH = attribute("40", 2, "02010000fdea");
const NEXT_HOP = attribute("40", 3, "0a5a0002");
const IPV6_HOP = "20010db8009000010000000000000002";
/** 198.51.100.0/24 */
const NLRI = "18c63364";

/** The prefix that is announced wrongly: 198.51.100.0/24. */
export const PREFIX = "198.51.100.0/24";

/** An OPEN of AS 65,002, with capabilities for both families and four-octet AS numbers. */
export function openOf(wrong: Pick<MalformedCase, "kind" | "holdTimeS" | "restartTimeS">): string {
  const { kind, holdTimeS = 90, restartTimeS } = wrong;
  const asn = kind === "internal" ? 65_001 : 65_002;
  const restart =
    restartTimeS === undefined ? "" : `4006${number(0x4000 + restartTimeS, 2)}00010180`;
  return open({
    asn,
    holdTimeS,
    parameters: capabilities(`010400010001010400020001${restart}02004104`, asn),
  });
}

/** Announces the prefix, or another, as it should be. */
export function soundUpdate(kind: MalformedCase["kind"], nlri = NLRI): string {
  const internal = [ORIGIN, attribute("40", 2, ""), NEXT_HOP, attribute("40", 5, "00000064")];
  const attributes = kind === "internal" ? internal : [ORIGIN, PATH, NEXT_HOP];
  return message(2, update(attributes, nlri));
}

/** What is wrong, and how RFC 4271 and its successors want it answered. */
export const CASES: readonly MalformedCase[] = [
  ...header(),
  ...opens(),
  ...unexpected(),
  ...resets(),
  ...withdraws(),
  ...discards(),
];

/** RFC 4271 section 6.1, RFC 7313 section 5. */
function header(): readonly MalformedCase[] {
  const stage = "established";
  const keepalive = `${"ff".repeat(15)}fe001304`;
  return [
    { name: "marker", stage, send: keepalive, answer: "0101" },
    { name: "marker before OPEN", stage: "open-sent", send: keepalive, answer: "0101" },
    { name: "length 18", stage, send: `${MARKER}001204`, answer: "01020012" },
    { name: "length 4097", stage, send: `${MARKER}100102`, answer: "01021001" },
    { name: "long KEEPALIVE", stage, send: message(4, "00"), answer: "01020014" },
    { name: "short UPDATE", stage, send: message(2, "000000"), answer: "01020016" },
    { name: "short NOTIFICATION", stage, send: message(3, "06"), answer: "01020014" },
    {
      name: "short OPEN",
      stage: "open-sent",
      send: message(1, "04fdea005a0a5a0002"),
      answer: "0102001c",
    },
    { name: "short ROUTE-REFRESH", stage, send: message(5, "000100"), answer: "01020016" },
    { name: "type 6", stage, send: message(6, ""), answer: "010306" },
    { name: "type 0", stage: "open-sent", send: message(0, ""), answer: "010300" },
    {
      ...{ name: "long BoRR", stage, send: message(5, "0001010100") },
      answer: `0701${message(5, "0001010100")}`,
    },
  ];
}

/** RFC 4271 section 6.2, RFC 5492 section 5, RFC 6286, RFC 7607, RFC 9234 section 4.2. */
function opens(): readonly MalformedCase[] {
  const stage = "open-sent";
  const of = (name: string, fields: OpenFields, answer: string): MalformedCase => {
    return { name, stage, send: open(fields), answer };
  };
  const internalId = open({ asn: 65_001, routerId: "0a5a0001" });
  const role = open({ parameters: "0203090103" });
  return [
    of("version 3", { version: 3 }, "02010004"),
    of("version 5", { version: 5 }, "02010004"),
    of("wrong AS", { asn: 65_003 }, "0202"),
    of("AS 0", { asn: 0 }, "0202"),
    of("AS 0 of four octets", { parameters: capabilities("4104", 0) }, "0202"),
    of("identifier 0", { routerId: "00000000" }, "0203"),
    { name: "our identifier", stage, kind: "internal", send: internalId, answer: "0203" },
    of("unknown parameter", { parameters: "050100" }, "0204"),
    of("parameter past the end", { parameters: "02ff01" }, "0200"),
    of("hold time 1", { holdTimeS: 1 }, "0206"),
    of("hold time 2", { holdTimeS: 2 }, "0206"),
    { ...of("family missing", {}, "0207010400020001"), kind: "ipv6-required" },
    { name: "role", stage, kind: "customer", send: role, answer: "020b" },
  ];
}

/** RFC 6608 section 3; RFC 4271 section 6.5 for the hold timer. */
function unexpected(): readonly MalformedCase[] {
  const update = message(2, "00000000");
  const again = openOf({});
  return [
    { name: "KEEPALIVE in OpenSent", stage: "open-sent", send: message(4, ""), answer: "050104" },
    { name: "UPDATE in OpenSent", stage: "open-sent", send: update, answer: "050102" },
    {
      name: "ROUTE-REFRESH in OpenSent",
      stage: "open-sent",
      send: message(5, "00010001"),
      answer: "050105",
    },
    { name: "NOTIFICATION in OpenSent", stage: "open-sent", send: message(3, "0602"), answer: "" },
    { name: "OPEN in OpenConfirm", stage: "open-confirm", send: again, answer: "050201" },
    { name: "UPDATE in OpenConfirm", stage: "open-confirm", send: update, answer: "050202" },
    { name: "OPEN in Established", stage: "established", send: again, answer: "050301" },
    {
      name: "NOTIFICATION in Established",
      stage: "established",
      send: message(3, "0602"),
      answer: "",
    },
    { name: "silence", stage: "established", holdTimeS: 3, send: "", answer: "0400" },
  ];
}

/** RFC 7606 sections 3 and 5, RFC 4760 section 7. */
function resets(): readonly MalformedCase[] {
  const of = (name: string, body: string, answer: string): MalformedCase => {
    return { name, stage: "established", send: message(2, body), answer };
  };
  const reach = attribute("80", 14, `00020110${IPV6_HOP}002020010db8`);
  const nextHop = attribute("80", 14, "000201050102030405002020010db8");
  const prefix = attribute("80", 14, `00020110${IPV6_HOP}008120010db8`);
  const unreach = attribute("80", 15, "0002018120010db8");
  const origin = attribute("40", 1, "03");
  return [
    of("withdrawn length", "ffff0000", "0301"),
    of("attribute length", "0000ffff", "0301"),
    of("MP_REACH_NLRI twice", update([ORIGIN, PATH, reach, reach], ""), "0301"),
    of("MP_REACH_NLRI cut off", update([ORIGIN, PATH, "800eff0002"], ""), "0301"),
    of("MP_REACH_NLRI next hop", update([ORIGIN, PATH, nextHop], ""), `0309${nextHop}`),
    of("MP_REACH_NLRI prefix", update([ORIGIN, PATH, prefix], ""), `0309${prefix}`),
    of("MP_UNREACH_NLRI prefix", update([unreach], ""), `0309${unreach}`),
    of("announced prefix", update([ORIGIN, PATH, NEXT_HOP], "21c6336400"), "030a"),
    of("withdrawn prefix", "000521c63364000000", "030a"),
    // RFC 7606 section 5.2: what it may have announced cannot be told.
    of("error without prefixes", update([origin, PATH, NEXT_HOP], ""), `0306${origin}`),
  ];
}

/** RFC 7606 sections 3, 4 and 7; RFC 7607; RFC 9234 section 5. */
function withdraws(): readonly MalformedCase[] {
  const of = (name: string, attributes: readonly string[]) =>
    routed(name, attributes, "treat-as-withdraw");
  const external = (type: number, flags: string, value: string) => [
    ...[ORIGIN, PATH, NEXT_HOP],
    attribute(flags, type, value),
  ];
  const internal = (name: string, attributes: readonly string[]): MalformedCase => {
    return { ...of(name, attributes), kind: "internal" };
  };
  const own = [ORIGIN, attribute("40", 2, ""), NEXT_HOP];
  const localPref = attribute("40", 5, "00000064");
  return [
    of("ORIGIN value", [attribute("40", 1, "03"), PATH, NEXT_HOP]),
    of("ORIGIN length", [attribute("40", 1, "0000"), PATH, NEXT_HOP]),
    of("ORIGIN flags", [attribute("c0", 1, "00"), PATH, NEXT_HOP]),
    of("AS_PATH segment type", [ORIGIN, attribute("40", 2, "05010000fdea"), NEXT_HOP]),
    of("AS_PATH segment length", [ORIGIN, attribute("40", 2, "02020000fdea"), NEXT_HOP]),
    of("AS_PATH empty segment", [ORIGIN, attribute("40", 2, "02010000fdea0200"), NEXT_HOP]),
    of("AS_PATH with AS 0", [ORIGIN, attribute("40", 2, "02020000fdea00000000"), NEXT_HOP]),
    of("AS_PATH of another", [ORIGIN, attribute("40", 2, "02010000fdeb"), NEXT_HOP]),
    of("NEXT_HOP length", [ORIGIN, PATH, attribute("40", 3, "0a5a00")]),
    of("NEXT_HOP 0.0.0.0", [ORIGIN, PATH, attribute("40", 3, "00000000")]),
    of("MULTI_EXIT_DISC length", external(4, "80", "000001")),
    of("COMMUNITIES of none", external(8, "c0", "")),
    of("COMMUNITIES length", external(8, "c0", "fdea000100")),
    of("extended COMMUNITIES length", external(16, "c0", "0002fdea000001")),
    of("LARGE_COMMUNITY length", external(32, "c0", "00fdea0000000100000002")),
    of("ONLY_TO_CUSTOMER length", external(35, "c0", "00fdea")),
    of("no ORIGIN", [PATH, NEXT_HOP]),
    of("no AS_PATH", [ORIGIN, NEXT_HOP]),
    of("no NEXT_HOP", [ORIGIN, PATH]),
    of("unrecognised well-known", external(99, "40", "00")),
    of("attribute past the end", [ORIGIN, PATH, NEXT_HOP, "800408000000"]),
    of("one octet left over", [ORIGIN, PATH, NEXT_HOP, "80"]),
    of("two octets left over", [ORIGIN, PATH, NEXT_HOP, "8004"]),
    internal("no LOCAL_PREF", own),
    internal("LOCAL_PREF length", [...own, attribute("40", 5, "000064")]),
    internal("ORIGINATOR_ID length", [...own, localPref, attribute("80", 9, "0a5a000200")]),
    internal("CLUSTER_LIST length", [...own, localPref, attribute("80", 10, "0a5a000200")]),
  ];
}

/** RFC 7606 sections 3 (g), 7.5 to 7.10; RFC 6793 section 6. */
function discards(): readonly MalformedCase[] {
  const of = (name: string, ...more: readonly string[]) =>
    routed(name, [ORIGIN, PATH, NEXT_HOP, ...more], "discard-attribute");
  return [
    of("LOCAL_PREF from outside", attribute("40", 5, "00000064")),
    of("ORIGINATOR_ID from outside", attribute("80", 9, "0a5a0002")),
    of("CLUSTER_LIST from outside", attribute("80", 10, "0a5a0002")),
    of("ATOMIC_AGGREGATE length", attribute("40", 6, "00")),
    of("AGGREGATOR length", attribute("c0", 7, "fdea0a5a0002")),
    of("AS4_PATH", attribute("c0", 17, "0201")),
    of("AS4_AGGREGATOR", attribute("c0", 18, "0000fdea0a5a00")),
    of("ORIGIN twice", attribute("40", 1, "03")),
  ];
}

/** Announces the prefix. */
function routed(
  name: string,
  attributes: readonly string[],
  answer: MalformedCase["answer"],
): MalformedCase {
  const wrongly = message(2, update(attributes, NLRI));
  return { name, stage: "established", send: wrongly, answer };
}

function message(type: number, body: string): string {
  return `${MARKER}${number(19 + body.length / 2, 2)}${number(type, 1)}${body}`;
}

interface OpenFields {
  readonly version?: number;
  readonly asn?: number;
  readonly holdTimeS?: number;
  readonly routerId?: string;
  readonly parameters?: string;
}

function open(fields: OpenFields): string {
  const { version = 4, asn = 65_002, holdTimeS = 90, parameters = "" } = fields;
  const { routerId = "0a5a0002" } = fields;
  const fixed = number(version, 1) + number(asn, 2) + number(holdTimeS, 2) + routerId;
  return message(1, `${fixed}${number(parameters.length / 2, 1)}${parameters}`);
}

/** One parameter; the last capability is that of the AS number. */
function capabilities(before: string, asn: number): string {
  const all = `${before}${number(asn, 4)}`;
  return `02${number(all.length / 2, 1)}${all}`;
}

function update(attributes: readonly string[], nlri: string): string {
  const all = attributes.join("");
  return `0000${number(all.length / 2, 2)}${all}${nlri}`;
}

function attribute(flags: string, type: number, value: string): string {
  return `${flags}${number(type, 1)}${number(value.length / 2, 1)}${value}`;
}

function number(value: number, lengthBytes: number): string {
  return value.toString(16).padStart(2 * lengthBytes, "0");
}
