import { includesFamily } from "./abilities.ts";
import {
  ATTRIBUTE_RULES,
  type AttributeProblem,
  type ErrorAction,
  problem,
} from "./attribute-rules.ts";
import { Afi, AttributeFlag, AttributeType, ErrorCode, Safi, UpdateError } from "./constants.ts";
import { faultOf } from "./fault.ts";
import type { Family, NotificationMessage, RawAttribute } from "./message.ts";
import { checkMpReach, checkMpUnreach } from "./mp-rules.ts";
import { findMalformedPrefix } from "./nlri.ts";
import { type UpdateContext, type UpdateView, valueEnd, valueStart } from "./update.ts";

/** One thing that is wrong with an UPDATE. */
export interface UpdateFinding {
  /** The attribute's type; 0 when it is not about one. */
  readonly attribute: number;
  readonly rule: string;
  /** Where in the body the attribute or the field begins, or the prefix that is wrong. */
  readonly offset: number;
  readonly action: ErrorAction;
}

/**
 * What to do with an UPDATE; of several findings the strongest decides.
 *
 * - `discard-attribute`: process it without some attributes, see {@link acceptedAttributes}.
 * - `treat-as-withdraw`: withdraw what it announces as well as what it withdraws.
 * - `reset`: send the NOTIFICATION and close.
 */
export type UpdateVerdict =
  | { readonly action: "accept"; readonly findings: readonly [] }
  | {
      readonly action: "discard-attribute" | "treat-as-withdraw";
      readonly findings: readonly UpdateFinding[];
    }
  | {
      readonly action: "reset";
      readonly findings: readonly UpdateFinding[];
      readonly notification: NotificationMessage;
    };

/**
 * Judges an UPDATE in one pass over its octets. A sound one costs no memory.
 *
 * @see RFC 7606; RFC 4271 section 6.3 for the NOTIFICATIONs
 */
export function validateUpdate(view: UpdateView, context: UpdateContext): UpdateVerdict {
  if (!view.lengthsFit) return judge(view, add(undefined, BAD_LENGTHS, 0, 0));
  const { body, attributesStart, attributesEnd } = view;
  generation++;
  let found: Found[] | undefined;
  for (let at = attributesStart; at < attributesEnd; ) {
    const type = body[at + 1] ?? 0;
    const next = valueEnd(body, at);
    if (next > attributesEnd) {
      const named = at + 1 < attributesEnd;
      found = add(found, named && isMultiprotocol(type) ? CUT_MULTIPROTOCOL : CUT, type, at);
      break;
    }
    const wrong =
      seenIn[type] === generation
        ? repeatedProblem(type)
        : checkAttribute(body, at, next, type, context);
    if (wrong !== undefined) found = add(found, wrong, type, at);
    seenIn[type] = generation;
    at = next;
  }
  found = checkMissing(view, context, found);
  found = checkClassicPrefixes(view, context, found);
  return found === undefined ? ACCEPT : judge(view, found);
}

/** The attributes that a verdict leaves: not the discarded, and of each type the first only. */
export function acceptedAttributes(view: UpdateView, verdict: UpdateVerdict): RawAttribute[] {
  if (verdict.findings.length === 0) return view.attributes;
  const discarded = new Set<number>();
  for (const { action, offset } of verdict.findings) {
    if (action === "discard-attribute") discarded.add(offset);
  }
  const accepted: RawAttribute[] = [];
  view.forEachAttribute((attribute, offset) => {
    if (!discarded.has(offset)) accepted.push(attribute);
  });
  return accepted;
}

interface Found {
  readonly problem: AttributeProblem;
  readonly attribute: number;
  readonly offset: number;
}

// Which types the message in hand had, without an array for every message: those that were last
// seen in its generation. Nothing of it outlives a call.
const seenIn = new Float64Array(256);
let generation = 0;

const ACCEPT: UpdateVerdict = { action: "accept", findings: [] };
const IPV4_UNICAST: Family = { afi: Afi.ipv4, safi: Safi.unicast };

const BAD_LENGTHS = problem(
  "lengths of withdrawn prefixes and attributes exceed the message",
  "reset",
  UpdateError.attributeList,
);
const CUT = problem(
  "attribute runs past the end of the attributes",
  "treat-as-withdraw",
  UpdateError.attributeList,
);
const CUT_MULTIPROTOCOL = problem(
  "multiprotocol attribute runs past the end of the attributes",
  "reset",
  UpdateError.attributeList,
);
const REPEATED = problem("attribute is repeated", "discard-attribute", UpdateError.attributeList);
const REPEATED_MULTIPROTOCOL = problem(
  "multiprotocol attribute is repeated",
  "reset",
  UpdateError.attributeList,
);
const MP_FLAGS = problem(
  "attribute flags conflict",
  "treat-as-withdraw",
  UpdateError.attributeFlags,
);
const UNRECOGNIZED = "well-known attribute is not recognised";
const UNRECOGNIZED_WITHDRAW = problem(
  UNRECOGNIZED,
  "treat-as-withdraw",
  UpdateError.unrecognizedWellKnown,
);
const UNRECOGNIZED_RESET = problem(UNRECOGNIZED, "reset", UpdateError.unrecognizedWellKnown);
const MISSING = problem(
  "mandatory attribute is missing",
  "treat-as-withdraw",
  UpdateError.missingWellKnown,
);
const BAD_PREFIX = problem("prefix is malformed", "reset", UpdateError.networkField);

function add(
  found: Found[] | undefined,
  of: AttributeProblem,
  attribute: number,
  offset: number,
): Found[] {
  const all = found ?? [];
  all.push({ problem: of, attribute, offset });
  return all;
}

function isMultiprotocol(type: number): boolean {
  return type === AttributeType.mpReachNlri || type === AttributeType.mpUnreachNlri;
}

function repeatedProblem(type: number): AttributeProblem {
  return isMultiprotocol(type) ? REPEATED_MULTIPROTOCOL : REPEATED;
}

function checkAttribute(
  body: Uint8Array,
  at: number,
  end: number,
  type: number,
  context: UpdateContext,
): AttributeProblem | undefined {
  const flags = (body[at] ?? 0) & (AttributeFlag.optional | AttributeFlag.transitive);
  const start = valueStart(body, at);
  if (isMultiprotocol(type)) {
    const check = type === AttributeType.mpReachNlri ? checkMpReach : checkMpUnreach;
    const wrong = check(body, start, end, context);
    return wrong ?? (flags === AttributeFlag.optional ? undefined : MP_FLAGS);
  }
  const rule = ATTRIBUTE_RULES[type];
  if (rule !== undefined) {
    return flags === rule.flags ? rule.check(body, start, end, context) : rule.wrongFlags;
  }
  if ((flags & AttributeFlag.optional) !== 0) return undefined;
  return context.unrecognizedWellKnown === "reset" ? UNRECOGNIZED_RESET : UNRECOGNIZED_WITHDRAW;
}

/** RFC 7606 section 3 (d); LOCAL_PREF is required of internal peers by RFC 4271 section 5.1.5. */
function checkMissing(
  view: UpdateView,
  context: UpdateContext,
  before: Found[] | undefined,
): Found[] | undefined {
  const classic = view.attributesEnd < view.body.length;
  if (!classic && seenIn[AttributeType.mpReachNlri] !== generation) return before;
  let found = before;
  const require = (type: number): void => {
    if (seenIn[type] !== generation) found = add(found, MISSING, type, view.attributesStart);
  };
  require(AttributeType.origin);
  require(AttributeType.asPath);
  if (classic) require(AttributeType.nextHop);
  if (context.internal) require(AttributeType.localPref);
  return found;
}

function checkClassicPrefixes(
  { body, withdrawnEnd, attributesEnd }: UpdateView,
  context: UpdateContext,
  before: Found[] | undefined,
): Found[] | undefined {
  const addPath = includesFamily(context.addPath, IPV4_UNICAST);
  const withdrawn = findMalformedPrefix(body, 2, withdrawnEnd, IPV4_UNICAST, addPath);
  const found = withdrawn < 0 ? before : add(before, BAD_PREFIX, 0, withdrawn);
  const announced = findMalformedPrefix(body, attributesEnd, body.length, IPV4_UNICAST, addPath);
  return announced < 0 ? found : add(found, BAD_PREFIX, 0, announced);
}

/** The strongest action, and the NOTIFICATION of the first finding that asks for it. */
function judge(view: UpdateView, found: readonly Found[]): UpdateVerdict {
  const findings = found.map(({ problem: { rule, action }, attribute, offset }) => {
    return { attribute, rule, offset, action };
  });
  const fatal =
    found.find(({ problem: { action } }) => action === "reset") ??
    // RFC 7606 section 5.2: it may have been meant to announce what can no longer be told.
    (announces(view)
      ? undefined
      : found.find(({ problem: { action } }) => action === "treat-as-withdraw"));
  if (fatal !== undefined) {
    return { action: "reset", findings, notification: notificationOf(view.body, fatal) };
  }
  const withdraw = findings.some(({ action }) => action === "treat-as-withdraw");
  return { action: withdraw ? "treat-as-withdraw" : "discard-attribute", findings };
}

function announces(view: UpdateView): boolean {
  return view.attributesEnd < view.body.length || seenIn[AttributeType.mpReachNlri] === generation;
}

/** RFC 4271 section 6.3: which subcodes carry the attribute, which its type, and which nothing. */
function notificationOf(
  body: Uint8Array,
  { problem, attribute, offset }: Found,
): NotificationMessage {
  const { subcode } = problem;
  if (subcode === UpdateError.missingWellKnown) {
    return faultOf(ErrorCode.update, subcode, Uint8Array.of(attribute)).fault;
  }
  const bare =
    subcode === UpdateError.attributeList ||
    subcode === UpdateError.networkField ||
    subcode === UpdateError.asPath;
  if (bare) return faultOf(ErrorCode.update, subcode).fault;
  return faultOf(ErrorCode.update, subcode, body.subarray(offset, valueEnd(body, offset))).fault;
}
