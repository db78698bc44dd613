import { Board, type Place, type Surroundings } from "./board.ts";
import type { ClaimInput } from "./claim.ts";
import type { ClaimChange } from "./claim-copy.ts";
import type { Entry } from "./claim-entries.ts";
import type { ClaimLedger } from "./claim-ledger.ts";
import { Disputes, type Message } from "./disputes.ts";
import type { Group } from "./group.ts";
import type { CompleteOptions } from "./options.ts";
import type { Claim, Claimed } from "./precedence.ts";
import { ProofMachine, type ProofOutput } from "./proof.ts";
import type { SeatOutput } from "./seat.ts";

/** What a {@link Desk} wants done. */
export type DeskOutput =
  | Exclude<SeatOutput, { type: "publish" }>
  | { readonly type: "message"; readonly message: Message }
  | {
      readonly type: "prove";
      readonly address: string;
      readonly holder: string;
      readonly place: Place;
    };

/**
 * Every address, looked at again whenever something about it may have changed. What changed is marked
 * as it comes in and looked at once, in {@link settle}: a datagram with a thousand claims costs a
 * thousand looks, not a million.
 */
export class Desk {
  readonly #options: CompleteOptions;
  readonly #board: Board;
  readonly #ledger: ClaimLedger;
  readonly #world: Omit<Surroundings, "hearsay">;
  readonly #disputes = new Disputes();
  readonly #proof = new ProofMachine();
  readonly #marked = new Set<string>();
  /** Those that nobody holds, or that have a deadline. */
  readonly #waiting = new Set<string>();
  #waitsUntil = Number.POSITIVE_INFINITY;
  readonly #outputs: DeskOutput[] = [];

  constructor(options: CompleteOptions, ledger: ClaimLedger, world: Omit<Surroundings, "hearsay">) {
    this.#options = options;
    this.#ledger = ledger;
    this.#world = world;
    this.#board = new Board(options, {
      isLive: (node, interfaces) => world.isLive(node, interfaces),
      isNew: (node) => world.isNew(node),
      isAlone: (interfaces) => world.isAlone(interfaces),
      isListening: (interfaces) => world.isListening(interfaces),
      isServing: (interfaces) => world.isServing(interfaces),
      tellerFor: (teller, claimant) => world.tellerFor(teller, claimant),
      hearsay: (address) => this.#disputes.hearsay(address),
    });
  }

  get deadline(): number {
    return Math.min(this.#waitsUntil, this.#disputes.deadline, this.#proof.deadline);
  }

  /** Whether this node claims anything. */
  get isHolding(): boolean {
    for (const { seat } of this.#board.places.values()) if (seat.claim !== undefined) return true;
    return false;
  }

  holder(address: string): Claimed | undefined {
    const place = this.#board.places.get(address);
    return place === undefined ? undefined : this.#board.holder(place);
  }

  setGroups(groups: readonly Group[], now: number): void {
    const { problems, changed } = this.#board.setGroups(groups);
    for (const fact of problems) this.#outputs.push({ type: "fact", fact });
    for (const place of changed) {
      if (place.known === undefined) this.#tell(place, { type: "drop" }, now);
      this.#mark(place);
    }
  }

  markAll(): void {
    for (const address of this.#board.places.keys()) this.#marked.add(address);
  }

  /** Somebody came, went or became ready: it matters for what nobody holds. */
  markWaiting(): void {
    for (const address of this.#waiting) this.#marked.add(address);
  }

  /** A peer's claims are other ones now. */
  changed(node: string, changes: readonly ClaimChange[], now: number): void {
    for (const { address, before, after } of changes) {
      const place = this.#board.place(address);
      if (after === undefined) place.claims.delete(node);
      else place.claims.set(node, after);
      this.#mark(place);
      if (after !== undefined) {
        this.#learn(place, after);
        this.#tell(place, { type: "heard", claimed: { node, claim: after } }, now);
      } else if (before !== undefined && before.state !== "released") {
        this.#tell(place, { type: "rival-gone" }, now);
      }
    }
  }

  /** A peer came back, or went: its claims count again, or no longer. */
  liveness(
    node: string,
    claims: Iterable<readonly [string, Claim]>,
    isLive: boolean,
    now: number,
  ): void {
    for (const [address, claim] of claims) {
      const place = this.#board.place(address);
      if (isLive) this.#tell(place, { type: "heard", claimed: { node, claim } }, now);
      this.#marked.add(address);
    }
    this.markWaiting();
  }

  /** A notice from another node, or its answer to a question. */
  notice(teller: string, claimant: string, entries: readonly Entry[], now: number): void {
    if (claimant === this.#options.node) return;
    for (const entry of entries) {
      const place = this.#board.places.get(entry.address);
      if (place === undefined) continue;
      if (!this.#disputes.told(teller, claimant, entry, place, now)) continue;
      this.#marked.add(entry.address);
      if (entry.claim === undefined) continue;
      const claimed = { node: claimant, claim: entry.claim };
      this.#tell(place, { type: "told", claimed }, now, claimant);
    }
  }

  foreign(address: string, mac: number, now: number): void {
    const place = this.#board.places.get(address);
    if (place !== undefined) this.#take(place, place.seat.foreign(mac, now));
    this.#marked.add(address);
  }

  answered(address: string, mac: number, isOf: (holder: string) => boolean, now: number): void {
    const holder = this.holder(address)?.node;
    if (holder === undefined) return;
    const input = { type: "answered", address, isHolder: isOf(holder), mac } as const;
    for (const output of this.#proof.handle(input, now)) this.#prove(output, now);
  }

  /** Looks at everything that was marked or is due; returns all that is to be done. */
  settle(now: number): readonly DeskOutput[] {
    const { messages, lapsed } = this.#disputes.elapse(now, (teller, claimant) =>
      this.#world.tellerFor(teller, claimant),
    );
    for (const message of messages) this.#outputs.push({ type: "message", message });
    for (const address of lapsed) this.#marked.add(address);
    for (const output of this.#proof.handle({ type: "tick" }, now)) this.#prove(output, now);
    if (now >= this.#waitsUntil) this.#markDue(now);
    for (const address of this.#marked) {
      this.#marked.delete(address);
      const place = this.#board.places.get(address);
      if (place !== undefined) this.#look(place, now);
    }
    return this.#outputs.splice(0);
  }

  #look(place: Place, now: number): void {
    const interfaces = place.known?.group.interfaces ?? [];
    this.#disputes.forgetIf(place.address, (node) => this.#world.isLive(node, interfaces));
    this.#take(place, place.seat.look(this.#board.view(place), now));
    const others = this.#board.others(place);
    for (const message of this.#disputes.look(place, others, now)) {
      this.#outputs.push({ type: "message", message });
    }
    const holder = this.#board.holder(place);
    this.#watch(place, holder, now);
    this.#gather(place, holder, now);
    const due = this.#dueOf(place);
    const isHeld = holder !== undefined && holder.claim.state !== "released";
    const isSettled = isHeld && (place.known?.table.epoch ?? 0) <= holder.claim.epoch;
    if (isSettled && due === Number.POSITIVE_INFINITY) this.#waiting.delete(place.address);
    else this.#waiting.add(place.address);
    this.#waitsUntil = Math.min(this.#waitsUntil, due);
    if (place.known !== undefined || isHeld) return;
    this.#waiting.delete(place.address);
    this.#board.forgetIfIdle(place);
  }

  #dueOf(place: Place): number {
    const gatherAt = (place.apartSince ?? Number.POSITIVE_INFINITY) + APART_MS;
    return Math.min(place.seat.deadline, this.#disputes.deadlineOf(place), gatherAt);
  }

  #markDue(now: number): void {
    this.#waitsUntil = Number.POSITIVE_INFINITY;
    for (const address of this.#waiting) {
      const place = this.#board.places.get(address);
      const due = place === undefined ? Number.POSITIVE_INFINITY : this.#dueOf(place);
      if (due <= now) this.#marked.add(address);
      else this.#waitsUntil = Math.min(this.#waitsUntil, due);
    }
  }

  /** The addresses of a group belong together: who holds the first takes those that strayed. */
  #gather(place: Place, holder: Claimed | undefined, now: number): void {
    const first = this.#board.places.get(place.known?.addresses[0] ?? "");
    const isMine = first !== undefined && this.#board.holder(first)?.node === place.me;
    const isAstray = isMine && holder?.claim.state === "held" && holder.node !== place.me;
    if (!isAstray) place.apartSince = undefined;
    else place.apartSince ??= now;
    if (!isAstray || place.apartSince === undefined || now < place.apartSince + APART_MS) return;
    place.apartSince = undefined;
    this.#tell(place, { type: "gather", view: this.#board.view(place) }, now, holder.node);
    this.#marked.add(place.address);
  }

  /** The next one in the order proves that the holder answers. */
  #watch(place: Place, holder: Claimed | undefined, now: number): void {
    const { address, me } = place;
    if (this.#options.proof === "off") return;
    const isOthers = holder !== undefined && holder.node !== me && holder.claim.state === "held";
    if (isOthers && this.#isNextAfter(holder.node, place))
      this.#proof.handle({ type: "watch", address, holder: holder.node }, now);
    else this.#proof.handle({ type: "unwatch", address }, now);
  }

  #isNextAfter(holder: string, place: Place): boolean {
    return firstBesides(holder, this.#board.liveOrder(place)) === place.me;
  }

  #prove(output: ProofOutput, now: number): void {
    const place = this.#board.places.get(output.address);
    if (place === undefined) return;
    const { address, holder } = output;
    if (output.type === "ask") {
      // Since it was looked at, another may have become ready that comes first.
      if (this.#isNextAfter(holder, place)) {
        this.#outputs.push({ type: "prove", address, holder, place });
      } else this.#proof.handle({ type: "unwatch", address }, now);
      return;
    }
    const fact =
      output.type === "doubled"
        ? ({ kind: "doubled", address, holder, mac: output.mac } as const)
        : ({ kind: output.type, address, holder } as const);
    this.#outputs.push({ type: "fact", fact });
    if (output.type !== "silent" || this.#options.proof !== "take-over") return;
    this.#tell(place, { type: "silent", view: this.#board.view(place), holder }, now, holder);
    this.#marked.add(address);
  }

  /** Who holds the first address of a group matters for the others. */
  #mark(place: Place): void {
    this.#marked.add(place.address);
    const { addresses = [] } = place.known ?? {};
    if (addresses[0] === place.address) for (const other of addresses) this.#marked.add(other);
  }

  #learn(place: Place, claim: Claim): void {
    if (place.known?.learn(claim.table) !== true) return;
    for (const address of place.known.addresses) this.#marked.add(address);
  }

  #tell(place: Place, input: ClaimInput, now: number, rival?: string): void {
    this.#take(place, place.seat.tell(input, now, rival));
  }

  #take(place: Place, outputs: readonly SeatOutput[]): void {
    for (const output of outputs) {
      if (output.type === "publish") {
        this.#ledger.set(place.address, output.claim);
        this.#mark(place);
      } else this.#outputs.push(output);
    }
  }
}

/** Long after every planned move. */
const APART_MS = 500;

function firstBesides(node: string, order: Iterable<string>): string | undefined {
  for (const candidate of order) if (candidate !== node) return candidate;
  return undefined;
}
