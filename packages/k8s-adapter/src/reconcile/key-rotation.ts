import type { OwnershipKeys } from "../config/ownership-key.ts";
import type { OwnershipKeyRecord } from "../domain.ts";

// How a key is replaced without a moment in which two speakers do not understand each other:
//
//   current  next  previous | asked for | what is done
//   -        -     -        |           | made: current = new                          at once
//   A        -     -        | no        | nothing: this is how it is nearly always
//   A        -     -        | yes       | all learn to accept B: next = B              at once
//   A        B     any      |           | B seals: current = B, previous = A           after the hold
//   B        -     A        |           | A is forgotten: previous = -                 after the hold
//
// The hold is what every speaker is given to hear of a step before the next one is made. It begins
// when this controller sees the step, so that one which has just begun to lead waits in full.

/** What happens to a {@link KeyRotation}. */
export type KeyRotationInput =
  /** How the Secret is now; undefined: there is none. */
  | { readonly type: "key"; readonly record: OwnershipKeyRecord | undefined }
  | { readonly type: "tick" };

/** What the Secret is to become. */
export interface KeyChange extends OwnershipKeys {
  readonly step: "made" | "announced" | "replaced" | "finished";
  /** Precondition; undefined: there must be none yet. */
  readonly resourceVersion: string | undefined;
}

/** Says what is to become of the speakers' key, and when. Never throws. */
export class KeyRotation {
  readonly #holdMs: number;
  readonly #freshKey: () => string;
  #record: OwnershipKeyRecord | undefined;
  #stage = "";
  #since = 0;
  #seen = false;

  /**
   * @param holdMs How long a step is given to reach every speaker.
   * @param freshKey A new secret, in base64.
   */
  constructor(holdMs: number, freshKey: () => string) {
    this.#holdMs = holdMs;
    this.#freshKey = freshKey;
  }

  /** When there is something to do; infinite while there is nothing. */
  get deadline(): number {
    if (!this.#seen) return Number.POSITIVE_INFINITY;
    if (this.#record === undefined) return this.#since;
    const { next, previous, rotationAsked } = this.#record;
    if (next !== "" || previous !== "") return this.#since + this.#holdMs;
    return rotationAsked ? this.#since : Number.POSITIVE_INFINITY;
  }

  /** What is to be written now, if anything; the same is asked for again until it is seen. */
  handle(input: KeyRotationInput, now: number): KeyChange | undefined {
    if (input.type === "key") {
      const { current = "", next = "", previous = "" } = input.record ?? {};
      const stage = [current, next, previous].join();
      if (stage !== this.#stage || !this.#seen) this.#since = now;
      this.#stage = stage;
      this.#record = input.record;
      this.#seen = true;
    }
    return this.#seen && now >= this.deadline ? this.#change() : undefined;
  }

  #change(): KeyChange {
    if (this.#record === undefined) {
      return { ...NO_KEYS, step: "made", current: this.#freshKey(), resourceVersion: undefined };
    }
    const { resourceVersion, current, next, previous, rotationAsked } = this.#record;
    const base = { ...NO_KEYS, resourceVersion, rotationAsked };
    if (next !== "") return { ...base, step: "replaced", current: next, previous: current };
    if (previous !== "") return { ...base, step: "finished", current };
    return { ...base, step: "announced", current, next: this.#freshKey(), rotationAsked: false };
  }
}

const NO_KEYS: OwnershipKeys = { current: "", next: "", previous: "", rotationAsked: false };
