import type { Place } from "./board.ts";
import type { Entry } from "./claim-entries.ts";
import { HearsayBook } from "./hearsay.ts";
import type { HelloItem } from "./hello-items.ts";
import { type Claim, type Claimed, outranks } from "./precedence.ts";

/** An item for one other node. */
export interface Message {
  readonly node: string;
  readonly item: HelloItem;
}

/**
 * Holders that do not hear each other: whoever hears two of them tells the one with the smaller claim,
 * and that one goes by what it was told for as long as the teller confirms it.
 */
export class Disputes {
  readonly #book = new HearsayBook();

  /** When to ask again; places that are disputed have deadlines of their own. */
  get deadline(): number {
    return this.#book.deadline;
  }

  /** What was told of an address. */
  hearsay(address: string): Claimed | undefined {
    return this.#book.get(address);
  }

  /** The claimant can be heard: there is no need of others' words. */
  forgetIf(address: string, isLive: (node: string) => boolean): void {
    const told = this.#book.get(address);
    if (told !== undefined && isLive(told.node)) this.#book.forget(address);
  }

  /** Looks at the claims that are heard of one place; returns what to tell whom. */
  look(place: Place, claims: ReadonlyMap<string, Claim>, now: number): readonly Message[] {
    const rivals = Array.from(claims, ([node, claim]) => ({ node, claim })).filter(
      ({ claim }) => claim.state !== "released",
    );
    const [first, ...rest] = rivals;
    if (first === undefined || rest.length === 0) {
      place.disputedSince = undefined;
      return [];
    }
    place.disputedSince ??= now;
    if (now < place.disputedSince + TELL_MS) return [];
    place.disputedSince = now + REPEAT_MS;
    const best = rest.reduce(
      (one, other) => (outranks(other, one, place.address) ? other : one),
      first,
    );
    const entries = [{ address: place.address, claim: best.claim }];
    return rivals
      .filter((rival) => rival !== best)
      .map(({ node }) => ({
        node,
        item: { type: "notice", node, claimant: best.node, entries },
      }));
  }

  /** When {@link look} has something to say of a place. */
  deadlineOf(place: Place): number {
    const since = place.disputedSince;
    return since === undefined ? Number.POSITIVE_INFINITY : since + TELL_MS;
  }

  /** Takes in one line of a notice; returns whether it makes a difference here. */
  told(
    teller: string,
    claimant: string,
    { address, claim }: Entry,
    place: Place,
    now: number,
  ): boolean {
    const known = this.#book.get(address);
    const isKnown = known?.node === claimant;
    if (claim === undefined || claim.state === "released") {
      const isAnswer = isKnown && known.teller === teller;
      if (isAnswer) this.#book.forget(address);
      return isAnswer;
    }
    const mine = place.seat.claim;
    const isLarger =
      mine !== undefined &&
      outranks({ node: claimant, claim }, { node: place.me, claim: mine }, address);
    if (!isKnown && !isLarger) return false;
    this.#book.note({ teller, address, node: claimant, claim }, now);
    return true;
  }

  /** Questions to those who told, or to others in their place, and addresses that nobody confirms. */
  elapse(
    now: number,
    askable: (teller: string, claimant: string) => string,
  ): { readonly messages: readonly Message[]; readonly lapsed: readonly string[] } {
    const { ask, lapsed } = this.#book.takeQuestions(now, askable);
    const messages = ask.map(({ teller, claimant, addresses }): Message => {
      return { node: teller, item: { type: "ask", node: teller, claimant, addresses } };
    });
    return { messages, lapsed };
  }
}

const TELL_MS = 50;
const REPEAT_MS = 200;
