import type { Claim, Claimed } from "./precedence.ts";

/** A larger claim that this node was told of by a third one, since it does not hear the claimant. */
export interface Hearsay extends Claimed {
  readonly teller: string;
  readonly address: string;
  readonly claim: Claim;
}

/**
 * What others told of claims that cannot be heard here. It is asked for again twice a second, and
 * forgotten when nobody confirms it any more.
 */
export class HearsayBook {
  readonly #notes = new Map<string, Note>();
  #askAt = Number.POSITIVE_INFINITY;

  /** When to call {@link takeQuestions} next. */
  get deadline(): number {
    return this.#askAt;
  }

  get(address: string): Hearsay | undefined {
    return this.#notes.get(address)?.hearsay;
  }

  note(hearsay: Hearsay, now: number): void {
    this.#notes.set(hearsay.address, { hearsay, confirmedAt: now });
    this.#askAt = Math.min(this.#askAt, now + ASK_MS);
  }

  forget(address: string): void {
    this.#notes.delete(address);
  }

  /**
   * Whom to ask about whom, and what nobody has confirmed for too long.
   *
   * @param askable who can be asked in place of a given teller, or that one itself.
   */
  takeQuestions(
    now: number,
    askable: (teller: string, claimant: string) => string,
  ): {
    readonly ask: readonly Question[];
    readonly lapsed: readonly string[];
  } {
    if (now < this.#askAt) return { ask: [], lapsed: [] };
    const lapsed: string[] = [];
    const questions = new Map<string, Question>();
    for (const [address, { hearsay, confirmedAt }] of this.#notes) {
      if (now - confirmedAt > LAPSE_MS) {
        lapsed.push(address);
        this.#notes.delete(address);
        continue;
      }
      const { node: claimant } = hearsay;
      const teller = askable(hearsay.teller, claimant);
      if (teller !== hearsay.teller) {
        this.#notes.set(address, { hearsay: { ...hearsay, teller }, confirmedAt });
      }
      const key = `${teller} ${claimant}`;
      const { addresses } = questions.get(key) ?? { addresses: [] };
      questions.set(key, { teller, claimant, addresses: [...addresses, address] });
    }
    this.#askAt = this.#notes.size === 0 ? Number.POSITIVE_INFINITY : now + ASK_MS;
    return { ask: [...questions.values()], lapsed };
  }
}

/** What to ask one node about another. */
export interface Question {
  readonly teller: string;
  readonly claimant: string;
  readonly addresses: readonly string[];
}

interface Note {
  readonly hearsay: Hearsay;
  readonly confirmedAt: number;
}

const ASK_MS = 500;
const LAPSE_MS = 2_000;
