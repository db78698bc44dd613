import type { FirstError } from "../first-error.ts";
import type { AttributeSet } from "./attribute-sets.ts";
import type { Chunk, ChunkKey } from "./chunk.ts";
import { type MessageForm, surround } from "./message-form.ts";
import { writeNlri } from "./nlri-writer.ts";
import { Field, PAGE_RECORDS, PAGE_SHIFT, type RouteTable, WITHDRAWN } from "./route-table.ts";
import type { SlotSet } from "./slot-set.ts";
import type { Export, UpdateGroup } from "./update-group.ts";

// In two passes. The first walks along the list until the messages would take more than they may, and
// puts each route into a bucket: one for what is withdrawn, one for each set of attributes as the
// peer gets them. The second writes the buckets, each into messages that are as full as can be.

/** The routes that a packer takes. */
export interface PackerSource {
  readonly table: RouteTable;
  setOf(slot: number): AttributeSet;
  prefixOf(slot: number): string;
}

/** Builds messages for the next routes of a family. */
export class Packer {
  readonly #routes: PackerSource;
  /** The slots of a walk, and the bucket of each. */
  #slots = new Int32Array(0);
  #bucketOf = new Uint16Array(0);

  constructor(routes: PackerSource) {
    this.#routes = routes;
  }

  /**
   * Takes as many routes as fit from the key's start on; `told` is what the peer knows of, `thrown`
   * keeps what the filter throws.
   */
  pack(key: ChunkKey, told: SlotSet, thrown: FirstError): Chunk {
    this.#makeRoom();
    const walk = this.#walk(key, told, thrown);
    const slots = this.#inOrder(walk);
    const octets = new Uint8Array(walk.octets);
    const messages = this.#write(octets, slots, walk.buckets, key.group);
    const { last, least, greatest, spared, leftOut } = walk;
    const withdrawals = walk.buckets[0]?.count ?? 0;
    return {
      ...key,
      octets,
      messages,
      last,
      least,
      greatest,
      withdrawn: slots.subarray(0, withdrawals),
      announced: slots.subarray(withdrawals),
      spared,
      leftOut,
    };
  }

  /**
   * The first pass. Nothing but the loop is in here: code behind a long loop, when V8 compiles it
   * while the loop runs, is compiled without knowledge of it, and thrown away at every call.
   */
  #walk(key: ChunkKey, told: SlotSet, thrown: FirstError): Walk {
    const { pages, stride } = this.#routes.table;
    const { group, filter, maxOctets } = key;
    const { pathIdOctets, maxMessageLength } = group;
    const withdrawals = newBucket(group.unreach, 0);
    const buckets: Bucket[] = [withdrawals];
    const byForm = new Map<MessageForm, Bucket>();
    const leftOut = { nextHop: 0, role: 0, size: 0, filter: 0 };
    const spared: number[] = [];
    const isShared = group.members > 1;
    let least = key.start;
    let greatest = key.start;
    let last = key.start;
    let total = 0;
    let verdict: Bucket | Reason = "filter";
    let judged = 0;
    let count = 0;
    const taken = this.#slots;
    const bucketOf = this.#bucketOf;
    for (let slot = key.start, visited = 0; slot !== 0 && visited < LONGEST_WALK; visited++) {
      const page = pages[slot >>> PAGE_SHIFT] as Int32Array;
      const base = (slot & (PAGE_RECORDS - 1)) * stride;
      const state = page[base + Field.state] as number;
      if (state !== judged || filter !== undefined) {
        verdict = this.#judge(key, slot, state, buckets, byForm, thrown);
        judged = state;
      }
      let bucket: Bucket | undefined;
      if (typeof verdict !== "string") bucket = verdict;
      else if (told.has(slot)) bucket = withdrawals;
      if (bucket !== undefined) {
        const octets = pathIdOctets + 1 + (((page[base + Field.length] as number) + 7) >>> 3);
        const opens = octets > bucket.room;
        const cost = opens ? bucket.overhead + octets : octets;
        if (total + cost > maxOctets) break;
        total += cost;
        bucket.room = (opens ? maxMessageLength - bucket.overhead : bucket.room) - octets;
        bucket.count += 1;
        taken[count] = slot;
        bucketOf[count] = bucket.index;
        count += 1;
      } else if (isShared) spared.push(slot);
      if (typeof verdict === "string" && verdict !== "withdrawn") leftOut[verdict] += 1;
      if (slot < least) least = slot;
      if (slot > greatest) greatest = slot;
      last = slot;
      slot = page[base + Field.next] as number;
    }
    return { buckets, slots: count, octets: total, last, least, greatest, spared, leftOut };
  }

  #judge(
    { group, filter }: ChunkKey,
    slot: number,
    state: number,
    buckets: Bucket[],
    byForm: Map<MessageForm, Bucket>,
    thrown: FirstError,
  ): Bucket | Reason {
    if (state >= WITHDRAWN) return "withdrawn";
    const set = this.#routes.setOf(slot);
    let form: Export | "filter" = "filter";
    if (filter === undefined) form = group.exportOfSet(set);
    else {
      thrown.guard(() => {
        const accepted = filter(this.#routes.prefixOf(slot), set.attributes);
        if (accepted === false) return;
        form = accepted === true ? group.exportOfSet(set) : group.exportOf(accepted);
      });
    }
    if (typeof form === "string") return form;
    let bucket = byForm.get(form);
    if (bucket === undefined) {
      bucket = newBucket(form, buckets.length);
      buckets.push(bucket);
      byForm.set(form, bucket);
    }
    return bucket;
  }

  /** For as many slots as a walk can take. */
  #makeRoom(): void {
    const { end } = this.#routes.table;
    if (this.#slots.length >= Math.min(end, LONGEST_WALK)) return;
    const room = Math.min(2 * end, LONGEST_WALK);
    this.#slots = new Int32Array(room);
    this.#bucketOf = new Uint16Array(room);
  }

  /** The slots of the walk, bucket after bucket. */
  #inOrder({ buckets, slots: count }: Walk): Int32Array {
    if (buckets.some((bucket) => bucket.count === count)) return this.#slots.slice(0, count);
    const places = new Int32Array(buckets.length);
    for (const { index, count: before } of buckets.slice(0, -1)) {
      places[index + 1] = (places[index] as number) + before;
    }
    const ordered = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const bucket = this.#bucketOf[i] as number;
      const place = places[bucket] as number;
      ordered[place] = this.#slots[i] as number;
      places[bucket] = place + 1;
    }
    return ordered;
  }

  /** Returns the number of messages. */
  #write(
    octets: Uint8Array,
    slots: Int32Array,
    buckets: readonly Bucket[],
    { pathIdOctets, maxMessageLength }: UpdateGroup,
  ): number {
    const { table } = this.#routes;
    let messages = 0;
    let offset = 0;
    let from = 0;
    for (const { form, overhead, count } of buckets) {
      const to = from + count;
      while (from < to) {
        const start = offset + form.before.length;
        const limit = start + maxMessageLength - overhead;
        const written = writeNlri(table, slots, from, to, octets, start, limit, pathIdOctets);
        from += written.count;
        offset = surround(form, octets, start, written.end - start);
        messages += 1;
      }
    }
    return messages;
  }
}

/** What the first pass found. */
interface Walk extends Pick<Chunk, "last" | "least" | "greatest" | "spared" | "leftOut"> {
  /** The first is that of what is withdrawn. */
  readonly buckets: readonly Bucket[];
  /** How many routes are in them. */
  readonly slots: number;
  /** That the messages will have. */
  readonly octets: number;
}

/** Routes that go out, or are withdrawn, with the same words around them. */
interface Bucket {
  readonly index: number;
  readonly form: MessageForm;
  /** Of a message without its prefixes. */
  readonly overhead: number;
  /** Octets left in the last message. */
  room: number;
  count: number;
}

type Reason = "withdrawn" | "nextHop" | "role" | "size" | "filter";

/** Routes that one call looks at, at most: also when it can send none of them. */
const LONGEST_WALK = 32_768;

function newBucket(form: MessageForm, index: number): Bucket {
  return { index, form, overhead: form.before.length + form.after.length, room: 0, count: 0 };
}
