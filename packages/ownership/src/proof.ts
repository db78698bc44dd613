// The addresses of which this node is next in the order, and whether their holders answer the
// neighbours. Each is asked for about every 10 s, one after the other.
//
//            | its turn, 10 s | holder's answer | another's answer | 500 ms without an answer
//  resting   | ask: asked     | -               | doubled, once    | -
//  asked     | -              | proven: resting | doubled, once    | ask again, twice; then silent: resting

/** What is proven of one address. */
export type ProofInput =
  /** From now on prove that `holder` answers for it. */
  | { readonly type: "watch"; readonly address: string; readonly holder: string }
  | { readonly type: "unwatch"; readonly address: string }
  /** Somebody answered: the holder, or a hardware address that is not the holder's. */
  | {
      readonly type: "answered";
      readonly address: string;
      readonly isHolder: boolean;
      readonly mac: number;
    }
  | { readonly type: "tick" };

/** What a {@link ProofMachine} wants done, or has found. */
export type ProofOutput =
  | { readonly type: "ask"; readonly address: string; readonly holder: string }
  | { readonly type: "silent"; readonly address: string; readonly holder: string }
  | { readonly type: "proven"; readonly address: string; readonly holder: string }
  | {
      readonly type: "doubled";
      readonly address: string;
      readonly holder: string;
      readonly mac: number;
    };

/** Asks holders for their addresses as a neighbour would. Holds no timer and never throws. */
export class ProofMachine {
  readonly #watched = new Map<string, Watch>();
  readonly #asked = new Map<string, Watch>();
  #turns: string[] = [];
  #nextTurn = Number.POSITIVE_INFINITY;

  /** When to tick next; infinite while nothing is watched. */
  get deadline(): number {
    let deadline = this.#nextTurn;
    for (const watch of this.#asked.values()) deadline = Math.min(deadline, watch.due);
    return deadline;
  }

  handle(input: ProofInput, now: number): readonly ProofOutput[] {
    switch (input.type) {
      case "watch":
        this.#watch(input.address, input.holder, now);
        return [];
      case "unwatch":
        this.#watched.delete(input.address);
        this.#asked.delete(input.address);
        if (this.#watched.size === 0) this.#nextTurn = Number.POSITIVE_INFINITY;
        return [];
      case "answered":
        return this.#answered(input.address, input.isHolder, input.mac);
      case "tick":
        return [...this.#unanswered(now), ...this.#takeTurn(now)];
    }
  }

  #watch(address: string, holder: string, now: number): void {
    if (this.#watched.get(address)?.holder === holder) return;
    this.#asked.delete(address);
    this.#watched.set(address, {
      holder,
      failures: 0,
      due: 0,
      strangers: new Set(),
      isSilent: false,
    });
    if (this.#nextTurn === Number.POSITIVE_INFINITY) this.#nextTurn = now + ROUND_MS / 2;
  }

  #answered(address: string, isHolder: boolean, mac: number): readonly ProofOutput[] {
    const watch = this.#watched.get(address);
    if (watch === undefined) return [];
    const { holder } = watch;
    if (!isHolder) {
      if (watch.strangers.has(mac)) return [];
      watch.strangers.add(mac);
      return [{ type: "doubled", address, holder, mac }];
    }
    if (!this.#asked.delete(address)) return [];
    watch.failures = 0;
    watch.isSilent = false;
    return [{ type: "proven", address, holder }];
  }

  #unanswered(now: number): readonly ProofOutput[] {
    const outputs: ProofOutput[] = [];
    for (const [address, watch] of this.#asked) {
      if (now < watch.due) continue;
      watch.failures += 1;
      if (watch.failures < FAILURES) outputs.push(this.#ask(address, watch, now));
      else {
        this.#asked.delete(address);
        if (!watch.isSilent) outputs.push({ type: "silent", address, holder: watch.holder });
        watch.isSilent = true;
        watch.failures = 0;
      }
    }
    return outputs;
  }

  #takeTurn(now: number): readonly ProofOutput[] {
    if (now < this.#nextTurn) return [];
    if (this.#turns.length === 0) this.#turns = [...this.#watched.keys()];
    const address = this.#turns.pop();
    this.#nextTurn = now + Math.max(LEAST_MS, ROUND_MS / Math.max(1, this.#watched.size));
    const watch = address === undefined ? undefined : this.#watched.get(address);
    if (address === undefined || watch === undefined || this.#asked.has(address)) return [];
    // Strangers of the last round are told of again when they are still there.
    watch.strangers.clear();
    return [this.#ask(address, watch, now)];
  }

  #ask(address: string, watch: Watch, now: number): ProofOutput {
    watch.due = now + ANSWER_MS;
    this.#asked.set(address, watch);
    return { type: "ask", address, holder: watch.holder };
  }
}

interface Watch {
  readonly holder: string;
  failures: number;
  due: number;
  readonly strangers: Set<number>;
  isSilent: boolean;
}

const ROUND_MS = 10_000;
const LEAST_MS = 5;
const ANSWER_MS = 500;
const FAILURES = 3;
