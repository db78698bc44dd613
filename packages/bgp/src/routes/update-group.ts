import { sameFamily } from "../abilities.ts";
import { isIpv6 } from "../address.ts";
import { encodeAttributes, encodeMpReachHeader } from "../attributes.ts";
import { Afi } from "../constants.ts";
import type { Family } from "../message.ts";
import type { PathAttributes } from "../path-attributes.ts";
import { mayLeave } from "../roles.ts";
import type { AttributeSet } from "./attribute-sets.ts";
import {
  classicReach,
  classicUnreach,
  type MessageForm,
  multiprotocolReach,
  multiprotocolUnreach,
} from "./message-form.ts";
import { outboundAttributes } from "./outbound-attributes.ts";
import { classKey, type SessionClass } from "./session-class.ts";

/** How routes leave, or why they do not. */
export type Export = MessageForm | "nextHop" | "role" | "size";

/** The peers to which a family's routes go in the same octets: attributes are encoded once for all. */
export class UpdateGroup {
  readonly family: Family;
  readonly maxMessageLength: number;
  /** Octets of the path identifier before each prefix: 0 or 4. */
  readonly pathIdOctets: number;
  /** For what is withdrawn. */
  readonly unreach: MessageForm;
  /** How many peers there are in it. */
  members = 0;
  readonly #session: SessionClass;
  /** By the id of a set, which may have been another set's before. */
  readonly #ofSets: ({ readonly set: AttributeSet; readonly result: Export } | undefined)[] = [];
  readonly #ofAttributes = new WeakMap<PathAttributes, Export>();

  constructor(session: SessionClass, family: Family) {
    this.#session = session;
    this.family = family;
    this.maxMessageLength = session.maxMessageLength;
    this.pathIdOctets = session.addPath?.some((each) => sameFamily(each, family)) ? 4 : 0;
    const isClassic = family.afi === Afi.ipv4 && session.extendedNextHop !== true;
    this.unreach = isClassic ? classicUnreach() : multiprotocolUnreach(family);
  }

  exportOfSet(set: AttributeSet): Export {
    const known = this.#ofSets[set.id];
    if (known?.set === set) return known.result;
    const result = this.#export(set.attributes);
    this.#ofSets[set.id] = { set, result };
    return result;
  }

  /** Of attributes that an export filter has put in the place of a route's own. */
  exportOf(attributes: PathAttributes): Export {
    let result = this.#ofAttributes.get(attributes);
    if (result === undefined) {
      result = this.#export(attributes);
      this.#ofAttributes.set(attributes, result);
    }
    return result;
  }

  #export(attributes: PathAttributes): Export {
    const { afi, safi } = this.family;
    if (!mayLeave(this.#session.role, attributes.onlyToCustomer)) return "role";
    const outbound = outboundAttributes(attributes, this.#session, afi);
    if (outbound === undefined) return "nextHop";
    const { fourOctetAs, internal } = this.#session;
    const encoded = encodeAttributes(outbound, { fourOctetAs, internal, afi });
    const { nextHop, linkLocalNextHop } = outbound;
    const form =
      afi === Afi.ipv4 && !isIpv6(nextHop)
        ? classicReach(encoded)
        : multiprotocolReach(encodeMpReachHeader(afi, safi, nextHop, linkLocalNextHop), encoded);
    const length = form.before.length + form.after.length + this.pathIdOctets + LONGEST_PREFIX;
    return length > this.maxMessageLength ? "size" : form;
  }
}

/** The groups of one family that have members. */
export class UpdateGroups {
  readonly #family: Family;
  readonly #byKey = new Map<string, UpdateGroup>();

  constructor(family: Family) {
    this.#family = family;
  }

  /** The group of a session, with a member more. */
  join(session: SessionClass): UpdateGroup {
    const key = classKey(session);
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = new UpdateGroup(session, this.#family);
      this.#byKey.set(key, group);
    }
    group.members += 1;
    return group;
  }

  /** Takes a member away, and the group with the last one. */
  leave(group: UpdateGroup): void {
    group.members -= 1;
    if (group.members > 0) return;
    for (const [key, each] of this.#byKey) if (each === group) this.#byKey.delete(key);
  }
}

/** Octets of an IPv6 address and the octet before them. */
const LONGEST_PREFIX = 17;
