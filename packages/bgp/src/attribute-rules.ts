import { isIpv4Host } from "./address.ts";
import { SegmentType } from "./as-path.ts";
import { AS_TRANS, AttributeFlag, AttributeType, UpdateError } from "./constants.ts";
import { read16, read32 } from "./octets.ts";
import type { UpdateContext } from "./update.ts";

/** What an error in an UPDATE leads to, the mildest first. @see RFC 7606 section 2 */
export type ErrorAction = "discard-attribute" | "treat-as-withdraw" | "reset";

/** Something that may be wrong with an attribute. */
export interface AttributeProblem {
  readonly rule: string;
  readonly action: ErrorAction;
  /** Of the NOTIFICATION, should it come to that. */
  readonly subcode: number;
}

/** What an attribute must be like. */
export interface AttributeRule {
  /** Its Optional and Transitive bits. */
  readonly flags: number;
  readonly wrongFlags: AttributeProblem;
  /** What is wrong with the value between two offsets; undefined when nothing is. */
  readonly check: AttributeCheck;
}

type AttributeCheck = (
  body: Uint8Array,
  start: number,
  end: number,
  context: UpdateContext,
) => AttributeProblem | undefined;

/** A problem to name in the table, or elsewhere. */
export function problem(rule: string, action: ErrorAction, subcode: number): AttributeProblem {
  return { rule, action, subcode };
}

function makeTable(): (AttributeRule | undefined)[] {
  const table = new Array<AttributeRule | undefined>(256).fill(undefined);
  const set = (type: number, flags: number, action: ErrorAction, check: AttributeCheck): void => {
    const wrongFlags = problem("attribute flags conflict", action, UpdateError.attributeFlags);
    table[type] = { flags, wrongFlags, check };
  };
  const type = AttributeType;
  const discard = "discard-attribute";
  const withdraw = "treat-as-withdraw";
  // The second column says what wrong flags lead to: RFC 7606 section 3 (c).
  set(type.origin, WELL_KNOWN, withdraw, checkOrigin);
  set(type.asPath, WELL_KNOWN, withdraw, checkAsPath);
  set(type.nextHop, WELL_KNOWN, withdraw, checkNextHop);
  set(type.multiExitDisc, NON_TRANSITIVE, withdraw, ofLength(4));
  set(type.localPref, WELL_KNOWN, withdraw, internalOnly(ofLength(4)));
  set(type.atomicAggregate, WELL_KNOWN, discard, checkAtomicAggregate);
  set(type.aggregator, TRANSITIVE, discard, checkAggregator);
  set(type.communities, TRANSITIVE, withdraw, listOf(4));
  set(type.originatorId, NON_TRANSITIVE, withdraw, internalOnly(ofLength(4)));
  set(type.clusterList, NON_TRANSITIVE, withdraw, internalOnly(listOf(4)));
  set(type.extendedCommunities, TRANSITIVE, withdraw, listOf(8));
  set(type.as4Path, TRANSITIVE, discard, checkAs4Path);
  set(type.as4Aggregator, TRANSITIVE, discard, checkAs4Aggregator);
  set(type.ipv6ExtendedCommunities, TRANSITIVE, withdraw, listOf(20));
  set(type.largeCommunities, TRANSITIVE, withdraw, listOf(12));
  set(type.onlyToCustomer, TRANSITIVE, withdraw, ofLength(4));
  return table;
}

const WELL_KNOWN = AttributeFlag.transitive;
const TRANSITIVE = AttributeFlag.optional | AttributeFlag.transitive;
const NON_TRANSITIVE = AttributeFlag.optional;

const WRONG_LENGTH = problem(
  "attribute length is wrong",
  "treat-as-withdraw",
  UpdateError.attributeLength,
);
const NOT_WHOLE = problem(
  "attribute length is no multiple of its entries",
  "treat-as-withdraw",
  UpdateError.optionalAttribute,
);
const FROM_EXTERNAL = problem(
  "attribute is for internal peers only",
  "discard-attribute",
  UpdateError.attributeList,
);
const BAD_ORIGIN = problem("ORIGIN is unknown", "treat-as-withdraw", UpdateError.origin);
const BAD_AS_PATH = problem("AS_PATH is malformed", "treat-as-withdraw", UpdateError.asPath);
const ZERO_IN_AS_PATH = problem("AS_PATH contains AS 0", "treat-as-withdraw", UpdateError.asPath);
const CONFEDERATION = problem(
  "AS_PATH of an external peer has confederation segments",
  "treat-as-withdraw",
  UpdateError.asPath,
);
const WRONG_FIRST_AS = problem(
  "AS_PATH does not begin with the peer's AS",
  "treat-as-withdraw",
  UpdateError.asPath,
);
const BAD_NEXT_HOP = problem(
  "NEXT_HOP is no host address",
  "treat-as-withdraw",
  UpdateError.nextHop,
);
const BAD_ATOMIC_AGGREGATE = problem(
  "ATOMIC_AGGREGATE is not empty",
  "discard-attribute",
  UpdateError.attributeLength,
);
const BAD_AGGREGATOR = problem(
  "AGGREGATOR length is wrong",
  "discard-attribute",
  UpdateError.attributeLength,
);
const ZERO_AGGREGATOR = problem(
  "AGGREGATOR contains AS 0",
  "discard-attribute",
  UpdateError.optionalAttribute,
);
const BAD_AS4 = problem(
  "AS4_PATH or AS4_AGGREGATOR is malformed",
  "discard-attribute",
  UpdateError.optionalAttribute,
);
const NEEDLESS_AS4 = problem(
  "AS4_PATH or AS4_AGGREGATOR from a peer with four-octet AS numbers",
  "discard-attribute",
  UpdateError.optionalAttribute,
);

function ofLength(lengthBytes: number): AttributeCheck {
  return (_body, start, end) => (end - start === lengthBytes ? undefined : WRONG_LENGTH);
}

function listOf(entryLength: number): AttributeCheck {
  return (_body, start, end) =>
    end > start && (end - start) % entryLength === 0 ? undefined : NOT_WHOLE;
}

/** RFC 7606 sections 7.5, 7.9 and 7.10: from another AS these are discarded, whatever they hold. */
function internalOnly(check: AttributeCheck): AttributeCheck {
  return (body, start, end, context) =>
    context.internal ? check(body, start, end, context) : FROM_EXTERNAL;
}

function checkOrigin(body: Uint8Array, start: number, end: number): AttributeProblem | undefined {
  if (end - start !== 1) return WRONG_LENGTH;
  return (body[start] ?? 0) > 2 ? BAD_ORIGIN : undefined;
}

function checkAsPath(
  body: Uint8Array,
  start: number,
  end: number,
  context: UpdateContext,
): AttributeProblem | undefined {
  const { fourOctetAs, firstAsn, internal } = context;
  const asnLength = fourOctetAs ? 4 : 2;
  let zero = false;
  let confederation = false;
  for (let at = start; at < end; ) {
    const type = body[at] ?? 0;
    const count = body[at + 1] ?? 0;
    const next = at + 2 + count * asnLength;
    if (!isSegmentType(type) || count === 0 || next > end) return BAD_AS_PATH;
    if (type > SegmentType.sequence) confederation = true;
    for (let i = at + 2; i < next; i += asnLength) {
      if (read16(body, i) === 0 && (!fourOctetAs || read16(body, i + 2) === 0)) zero = true;
    }
    at = next;
  }
  if (zero) return ZERO_IN_AS_PATH;
  if (internal) return undefined;
  if (confederation) return CONFEDERATION;
  if (firstAsn === undefined) return undefined;
  const first = fourOctetAs ? read32(body, start + 2) : read16(body, start + 2);
  const expected = fourOctetAs || firstAsn <= 0xffff ? firstAsn : AS_TRANS;
  const begins = end > start && body[start] === SegmentType.sequence && first === expected;
  return begins ? undefined : WRONG_FIRST_AS;
}

function isSegmentType(type: number): boolean {
  return type >= SegmentType.set && type <= SegmentType.confederationSet;
}

function checkNextHop(body: Uint8Array, start: number, end: number): AttributeProblem | undefined {
  if (end - start !== 4) return WRONG_LENGTH;
  return isIpv4Host(body, start) ? undefined : BAD_NEXT_HOP;
}

function checkAtomicAggregate(
  _body: Uint8Array,
  start: number,
  end: number,
): AttributeProblem | undefined {
  return end === start ? undefined : BAD_ATOMIC_AGGREGATE;
}

function checkAggregator(
  body: Uint8Array,
  start: number,
  end: number,
  { fourOctetAs }: UpdateContext,
): AttributeProblem | undefined {
  if (end - start !== (fourOctetAs ? 8 : 6)) return BAD_AGGREGATOR;
  const asn = fourOctetAs ? read32(body, start) : read16(body, start);
  return asn === 0 ? ZERO_AGGREGATOR : undefined;
}

function checkAs4Path(
  body: Uint8Array,
  start: number,
  end: number,
  context: UpdateContext,
): AttributeProblem | undefined {
  if (context.fourOctetAs) return NEEDLESS_AS4;
  // Confederation segments do not belong here, but are skipped rather than held against it.
  const found = checkAsPath(body, start, end, AS4_PATH_CONTEXT);
  return found === undefined && end > start ? undefined : BAD_AS4;
}

function checkAs4Aggregator(
  body: Uint8Array,
  start: number,
  end: number,
  context: UpdateContext,
): AttributeProblem | undefined {
  if (context.fourOctetAs) return NEEDLESS_AS4;
  return end - start === 8 && read32(body, start) !== 0 ? undefined : BAD_AS4;
}

const AS4_PATH_CONTEXT: UpdateContext = {
  internal: true,
  fourOctetAs: true,
  families: [],
  extendedNextHop: [],
  addPath: [],
};

/** The rules by attribute type. MP_REACH_NLRI and MP_UNREACH_NLRI have none here: they hold prefixes. */
export const ATTRIBUTE_RULES: readonly (AttributeRule | undefined)[] = makeTable();
