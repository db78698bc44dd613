import { formatAddress, isLinkLocal, parseAddress } from "../address.ts";
import { encodeAttributes } from "../attributes.ts";
import { Afi } from "../constants.ts";
import type { PathAttributes } from "../path-attributes.ts";

/** Path attributes that any number of routes share. */
export interface AttributeSet {
  /** Small and above 0; given to another set once no route has this one. */
  readonly id: number;
  /** As they were first given. */
  readonly attributes: PathAttributes;
  readonly key: string;
  /** How many routes have it. */
  references: number;
}

/** Every different set of attributes once. Sets that differ only in the order of communities are one. */
export class AttributeSets {
  readonly #byKey = new Map<string, AttributeSet>();
  readonly #byId: (AttributeSet | undefined)[] = [undefined];
  readonly #freeIds: number[] = [];
  /** Spares the look-up by content; objects must not change once given. */
  readonly #byObject = new WeakMap<PathAttributes, AttributeSet>();

  get size(): number {
    return this.#byKey.size;
  }

  /**
   * The set of these attributes, with a reference more; it is kept while it has one.
   *
   * @throws {RangeError} {TypeError} when an attribute cannot be encoded, naming it.
   */
  intern(attributes: PathAttributes): AttributeSet {
    const set = this.#known(attributes) ?? this.#find(attributes);
    set.references += 1;
    return set;
  }

  /** @throws {RangeError} when no set has the id. */
  at(id: number): AttributeSet {
    const set = this.#byId[id];
    if (set === undefined) throw new RangeError(`no attribute set has the id ${id}`);
    return set;
  }

  /** Gives up a reference; the last one takes the set away. */
  release(id: number): void {
    const set = this.at(id);
    set.references -= 1;
    if (set.references > 0) return;
    this.#byKey.delete(set.key);
    this.#byId[id] = undefined;
    this.#freeIds.push(id);
  }

  #known(attributes: PathAttributes): AttributeSet | undefined {
    const known = this.#byObject.get(attributes);
    return known !== undefined && this.#byId[known.id] === known ? known : undefined;
  }

  #find(attributes: PathAttributes): AttributeSet {
    const key = keyOf(attributes);
    let set = this.#byKey.get(key);
    if (set === undefined) {
      check(attributes);
      set = { id: this.#freeIds.pop() ?? this.#byId.length, attributes, key, references: 0 };
      this.#byKey.set(key, set);
      this.#byId[set.id] = set;
    }
    this.#byObject.set(attributes, set);
    return set;
  }
}

/** Encodes them once, so that a mistake is the caller's and not that of who sends them later. */
function check(attributes: PathAttributes): void {
  const { nextHop, linkLocalNextHop } = attributes;
  encodeAttributes(attributes, { fourOctetAs: true, internal: true, afi: Afi.ipv4 });
  parseAddress(nextHop);
  if (linkLocalNextHop === undefined) return;
  if (isLinkLocal(formatAddress(parseAddress(linkLocalNextHop)))) return;
  throw new TypeError(`linkLocalNextHop must be in fe80::/10, got ${linkLocalNextHop}`);
}

/** Equal for attributes that mean the same to every peer. */
function keyOf(attributes: PathAttributes): string {
  const { communities, extendedCommunities, ipv6ExtendedCommunities, largeCommunities } =
    attributes;
  return JSON.stringify([
    attributes.origin,
    attributes.asPath.map(({ type, asns }) => [type, asns]),
    attributes.nextHop,
    attributes.linkLocalNextHop,
    attributes.multiExitDisc,
    attributes.localPref,
    attributes.atomicAggregate === true,
    attributes.aggregator && [attributes.aggregator.asn, attributes.aggregator.address],
    sortedTexts(communities?.map(String)),
    sortedTexts(extendedCommunities?.map(String)),
    sortedTexts(ipv6ExtendedCommunities?.map(String)),
    sortedTexts(
      largeCommunities?.map((each) =>
        String([each.globalAdministrator, each.localData1, each.localData2]),
      ),
    ),
    attributes.originatorId,
    attributes.clusterList,
    attributes.onlyToCustomer,
    attributes.others?.map(({ type, flags, value }) => [type, flags, String(value)]),
  ]);
}

function sortedTexts(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts?.length ? [...new Set(texts)].sort() : undefined;
}
