// One address that this node claims, and a host that is no speaker but has it too (RFC 5227).
//
//             | foreign claim                            | deadline
//  probing    | give up                                  | clear, 60 ms after the claim
//  clear      | defend                                   | -
//  defended   | give up                                  | clear, 10 s after the defence
//  conflicted | -                                        | look, 30 s after giving up
//  looking    | conflicted                               | resume, 1 s after the look

/** What one address has seen of strangers. */
export type ConflictState = "probing" | "clear" | "defended" | "conflicted" | "looking";

/** What happens to a {@link ConflictMachine}. */
export type ConflictInput =
  /** A stranger answered a probe, or claimed the address of its own accord. */
  { readonly type: "foreign" } | { readonly type: "tick" };

/**
 * `defend`: one gratuitous packet. `give-up`: stop answering. `look`: probe in silence, and answer when
 * nobody objects. `resume`: nobody did.
 */
export type ConflictOutput = "defend" | "give-up" | "look" | "resume";

/** Decides when to defend an address and when to leave it to a stranger. Never throws. */
export class ConflictMachine {
  #state: ConflictState;
  #deadline: number;

  /** @param probe whether the claim is a first one, for which probes go out. */
  constructor(probe: boolean, now: number) {
    this.#state = probe ? "probing" : "clear";
    this.#deadline = probe ? now + PROBE_MS : Number.POSITIVE_INFINITY;
  }

  get state(): ConflictState {
    return this.#state;
  }

  /** When to tick next. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: ConflictInput, now: number): readonly ConflictOutput[] {
    if (input.type === "tick") return now < this.#deadline ? [] : this.#elapse(now);
    switch (this.#state) {
      case "clear":
        this.#become("defended", now + DEFEND_MS);
        return ["defend"];
      case "probing":
      case "defended":
      case "looking":
        this.#become("conflicted", now + RETRY_MS);
        return ["give-up"];
      case "conflicted":
        return [];
    }
  }

  #elapse(now: number): readonly ConflictOutput[] {
    const before = this.#state;
    if (before === "conflicted") {
      this.#become("looking", now + LOOK_MS);
      return ["look"];
    }
    this.#become("clear", Number.POSITIVE_INFINITY);
    return before === "looking" ? ["resume"] : [];
  }

  #become(state: ConflictState, deadline: number): void {
    this.#state = state;
    this.#deadline = deadline;
  }
}

const PROBE_MS = 60;
const DEFEND_MS = 10_000;
const RETRY_MS = 30_000;
const LOOK_MS = 1_000;
