import { includesFamily } from "./abilities.ts";
import { AttributeType, Cease, ErrorCode } from "./constants.ts";
import { decodeAttributes } from "./decode-attributes.ts";
import type { Family, NotificationMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import type { Nlri } from "./nlri.ts";
import { OctetWriter, read32 } from "./octets.ts";
import type { PathAttributes } from "./path-attributes.ts";
import { prefixTexts } from "./prefix.ts";
import { PrefixCensus } from "./prefix-census.ts";
import { arrivedOnlyToCustomer, isLeak } from "./roles.ts";
import { decodeUpdate, endOfRib, type UpdateContext, type UpdateView } from "./update.ts";
import { updateContextOf } from "./update-context.ts";
import { acceptedAttributes, type UpdateVerdict, validateUpdate } from "./validate-update.ts";

/** What one UPDATE says about one family, in text. */
export interface ReceivedRoutes {
  readonly family: Family;
  readonly withdrawn: readonly string[];
  readonly announced: readonly string[];
  /** Those of what is announced; undefined when nothing is. */
  readonly attributes: PathAttributes | undefined;
  /** The peer has told all it had to tell of the family. @see RFC 4724 section 2 */
  readonly endOfRib: boolean;
  /**
   * The peer begins to tell everything of the family again, or has done so: what it had announced
   * before and not in between is gone. @see RFC 7313 section 4.2
   */
  readonly replay: "begins" | "ends" | undefined;
}

/** Takes what a peer announces. Called once for each family of an UPDATE. */
export type ImportHandler = (routes: ReceivedRoutes) => void;

/** What has come in during a session. */
export interface ImportCounters {
  updates: number;
  /** Prefixes that were announced; the same one again counts again. */
  announced: number;
  withdrawn: number;
  /** UPDATEs of which attributes were discarded. @see RFC 7606 */
  discardedAttributes: number;
  /** UPDATEs that were malformed, so that what they announced was withdrawn. @see RFC 7606 */
  treatedAsWithdraw: number;
  /** UPDATEs whose routes had leaked, so that they were withdrawn. @see RFC 9234 section 5 */
  leaked: number;
  endOfRibs: number;
}

/** Counters that are all 0. */
export function noImports(): ImportCounters {
  return {
    updates: 0,
    announced: 0,
    withdrawn: 0,
    discardedAttributes: 0,
    treatedAsWithdraw: 0,
    leaked: 0,
    endOfRibs: 0,
  };
}

/** An UPDATE with what is to be thought of it; valid for as long as its octets are. */
export interface JudgedUpdate {
  readonly view: UpdateView;
  readonly verdict: UpdateVerdict;
}

/** What a session does with the UPDATEs of its peer. */
export interface ImportPolicy {
  /** Undefined: nobody wants to know. */
  readonly handler: ImportHandler | undefined;
  /** In a family; undefined: any number. */
  readonly maximumPrefixes: number | undefined;
  /** Whether the peer's AS number must begin its paths. */
  readonly enforceFirstAs: boolean;
  /** Ours towards the peer; undefined: none. @see RFC 9234 */
  readonly role: number | undefined;
}

/**
 * The receiving side of a session: counts what comes, hands it on if anybody asked for it, and keeps
 * nothing but what it takes to enforce a maximum of prefixes.
 */
export class Import {
  readonly #context: UpdateContext;
  readonly #policy: ImportPolicy;
  readonly #peerAsn: number;
  /** On eBGP alone. */
  readonly #role: number | undefined;
  readonly #counters: ImportCounters;
  readonly #censuses = new Map<number, PrefixCensus>();

  constructor(negotiated: Negotiated, policy: ImportPolicy, counters: ImportCounters) {
    this.#policy = policy;
    this.#counters = counters;
    this.#peerAsn = negotiated.peerAsn;
    this.#role = negotiated.internal ? undefined : policy.role;
    const mustBeFirst = policy.enforceFirstAs && !negotiated.internal;
    const options = mustBeFirst ? { firstAsn: negotiated.peerAsn } : {};
    this.#context = updateContextOf(negotiated, options);
  }

  /** Reads and judges the body of an UPDATE, without any effect. */
  judge(body: Uint8Array): JudgedUpdate {
    const view = decodeUpdate(body, this.#context);
    return { view, verdict: validateUpdate(view, this.#context) };
  }

  /** Takes in an UPDATE that is no reason to reset. Returns the Cease if there are too many prefixes. */
  take({ view, verdict }: JudgedUpdate): NotificationMessage | undefined {
    const counters = this.#counters;
    counters.updates += 1;
    const ended = endOfRib(view);
    if (ended !== undefined) {
      counters.endOfRibs += 1;
      this.#policy.handler?.({ ...NOTHING, family: ended, endOfRib: true });
      return undefined;
    }
    const isMalformed = verdict.action === "treat-as-withdraw";
    const isLeaked = !isMalformed && this.#isLeaked(view);
    const unusable = isMalformed || isLeaked;
    if (isMalformed) counters.treatedAsWithdraw += 1;
    if (isLeaked) counters.leaked += 1;
    if (verdict.action === "discard-attribute") counters.discardedAttributes += 1;
    const { withdrawn, announced, mpReach, mpUnreach } = view;
    this.#withdraw(withdrawn);
    if (mpUnreach !== undefined) this.#withdraw(mpUnreach);
    for (const nlri of [announced, mpReach?.nlri]) {
      if (nlri === undefined) continue;
      if (unusable) this.#withdraw(nlri);
      else if (!this.#announce(nlri, { view, verdict }, nlri === announced))
        return tooMany(nlri, this.#policy);
    }
    return undefined;
  }

  /** Marks a replay of the peer's. */
  replay(family: Family, replay: "begins" | "ends"): void {
    if (!includesFamily(this.#context.families, family)) return;
    this.#policy.handler?.({ ...NOTHING, family, replay });
  }

  #isLeaked(view: UpdateView): boolean {
    if (this.#role === undefined) return false;
    const attribute = view.find(AttributeType.onlyToCustomer);
    return isLeak(this.#role, attribute && read32(attribute.value, 0), this.#peerAsn);
  }

  #withdraw(nlri: Nlri): void {
    const count = this.#count(nlri);
    if (count === 0) return;
    this.#counters.withdrawn += count;
    this.#censusOf(nlri.family)?.remove(nlri);
    const { handler } = this.#policy;
    handler?.({ ...NOTHING, family: nlri.family, withdrawn: prefixTexts(nlri) });
  }

  /** False when there are too many prefixes. */
  #announce(nlri: Nlri, { view, verdict }: JudgedUpdate, isClassic: boolean): boolean {
    const count = this.#count(nlri);
    if (count === 0) return true;
    this.#counters.announced += count;
    if (this.#censusOf(nlri.family)?.add(nlri) === false) return false;
    const { handler } = this.#policy;
    if (handler === undefined) return true;
    const decoded = decodeAttributes(acceptedAttributes(view, verdict), {
      fourOctetAs: this.#context.fourOctetAs,
      prefixes: isClassic ? "classic" : "multiprotocol",
    });
    const only = arrivedOnlyToCustomer(this.#role, decoded.onlyToCustomer, this.#peerAsn);
    const attributes = only === undefined ? decoded : { ...decoded, onlyToCustomer: only };
    handler({ ...NOTHING, family: nlri.family, announced: prefixTexts(nlri), attributes });
    return true;
  }

  /** Families that were not agreed on are as good as empty. */
  #count(nlri: Nlri): number {
    if (nlri.octets.length === 0) return 0;
    return includesFamily(this.#context.families, nlri.family) ? nlri.count() : 0;
  }

  #censusOf({ afi, safi }: Family): PrefixCensus | undefined {
    const most = this.#policy.maximumPrefixes;
    if (most === undefined) return undefined;
    const key = afi * 0x100 + safi;
    let census = this.#censuses.get(key);
    if (census === undefined) {
      census = new PrefixCensus(most);
      this.#censuses.set(key, census);
    }
    return census;
  }
}

const NOTHING = {
  ...{ withdrawn: [], announced: [], attributes: undefined },
  ...{ endOfRib: false, replay: undefined },
} as const;

/** The data names the family and the limit. @see RFC 4486 section 4 */
function tooMany({ family }: Nlri, { maximumPrefixes = 0 }: ImportPolicy): NotificationMessage {
  const data = new OctetWriter();
  data.put16("afi", family.afi);
  data.put8("safi", family.safi);
  data.put16("maximumPrefixes", maximumPrefixes >>> 16);
  data.put16("maximumPrefixes", maximumPrefixes & 0xffff);
  const subcode = Cease.maximumPrefixes;
  return { type: "notification", code: ErrorCode.cease, subcode, data: data.toOctets() };
}
