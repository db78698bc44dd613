// One peer on one interface, by its hellos.
//
//            | hello | 3 1/4 intervals silent | 3 queries out, the last unanswered | excuse
//  dead      | live  | -                      | -                                  | -
//  live      | -     | suspect, query         | -                                  | later
//  suspect   | live  | (query, twice more)    | dead                               | later
//
// Queries go 20 ms apart, or an interval where that is shorter, and the verdict comes as long after the
// last one. An excuse is for time in which this node itself did not run: it tells nothing of the peer.

/** Whether a peer's hellos arrive on an interface: `suspect` still counts as live. */
export type LinkState = "live" | "suspect" | "dead";

/** What happens to a {@link PeerLink}. */
export type LinkInput =
  | { readonly type: "hello"; readonly intervalMs: number }
  | { readonly type: "excuse"; readonly ms: number }
  /** The interface went down here: nothing can be heard. */
  | { readonly type: "cut" }
  | { readonly type: "tick" };

/** What a {@link PeerLink} wants done, or has found. */
export type LinkOutput =
  | { readonly type: "query" }
  | { readonly type: "changed"; readonly state: LinkState };

/** How much of a peer has been heard, for the share of hellos that got lost. */
export interface LinkCounts {
  readonly heard: number;
  /** By the intervals that the peer announced, while it was not dead. */
  readonly expected: number;
}

/**
 * Decides whether one peer is there on one interface. Holds no timer: hand it what happened and the
 * time, and wake it with a tick at its deadline. Never throws.
 */
export class PeerLink {
  readonly #multiplier: number;
  #state: LinkState = "dead";
  #deadline = Number.POSITIVE_INFINITY;
  #intervalMs = 0;
  #heardAt = 0;
  #queries = 0;
  #heard = 0;
  #expected = 0;

  /** @param multiplier how many intervals of silence make a peer suspect. */
  constructor(multiplier: number) {
    this.#multiplier = multiplier;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** When to tick next; infinite while the peer is dead. */
  get deadline(): number {
    return this.#deadline;
  }

  /** When the peer was last heard, on the clock of `now`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  get counts(): LinkCounts {
    return { heard: this.#heard, expected: Math.round(this.#expected) };
  }

  handle(input: LinkInput, now: number): readonly LinkOutput[] {
    switch (input.type) {
      case "hello":
        return this.#hello(input.intervalMs, now);
      case "excuse":
        this.#deadline += input.ms;
        return [];
      case "cut":
        return this.#become("dead");
      case "tick":
        return now < this.#deadline ? [] : this.#silence(now);
    }
  }

  #hello(intervalMs: number, now: number): readonly LinkOutput[] {
    // Answers and changes come besides the hellos: they are not counted.
    const since = (now - this.#heardAt) / intervalMs;
    if (this.#state === "dead") this.#count(1, 1);
    else if (since > 0.5) this.#count(1, Math.max(1, Math.round(since)));
    this.#intervalMs = intervalMs;
    this.#heardAt = now;
    this.#queries = 0;
    this.#deadline = now + (this.#multiplier + SLACK) * intervalMs;
    return this.#become("live");
  }

  #silence(now: number): readonly LinkOutput[] {
    if (this.#queries >= QUERIES) return this.#become("dead");
    this.#queries += 1;
    this.#deadline = now + Math.min(QUERY_MS, this.#intervalMs);
    return [{ type: "query" }, ...this.#become("suspect")];
  }

  #become(state: LinkState): readonly LinkOutput[] {
    if (state === "dead") this.#deadline = Number.POSITIVE_INFINITY;
    if (this.#state === state) return [];
    this.#state = state;
    return [{ type: "changed", state }];
  }

  #count(heard: number, expected: number): void {
    this.#heard += heard;
    this.#expected += expected;
  }
}

/** A part of an interval, so that a third hello that is merely late does not arouse suspicion. */
const SLACK = 0.25;
const QUERIES = 3;
const QUERY_MS = 20;
