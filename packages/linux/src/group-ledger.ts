// Of each group, whether anybody wants it, and whether it is joined as far as is known:
//
//  wanted | joined   | to be done
//  no     | no       | -
//  no     | yes      | leave
//  no     | doubtful | leave
//  yes    | no       | join
//  yes    | yes      | -
//  yes    | doubtful | join, anew

/** One thing to be done. A group to be joined may be joined already: then it is in doubt. */
export interface GroupChange {
  readonly type: "join" | "leave";
  readonly group: string;
}

/**
 * Who wants which multicast groups, and what is yet to be done about it. The first claim to a group
 * makes it wanted and the release of the last one ends that; in between nothing is to be done.
 */
export class GroupLedger {
  readonly #claims = new Map<string, number>();
  readonly #joined = new Map<string, "surely" | "doubtfully">();
  /** The groups that something may have to be done about. */
  readonly #unsettled = new Set<string>();

  /** Whether `settle` may have something to do. */
  get isSettled(): boolean {
    return this.#unsettled.size === 0;
  }

  /** Returns what releases the group again; it does so once. */
  claim(group: string): () => void {
    this.#count(group, 1);
    let released = false;
    return () => {
      if (!released) this.#count(group, -1);
      released = true;
    };
  }

  /** Everything that was joined no longer is. */
  lose(): void {
    this.#joined.clear();
    this.#unsettled.clear();
    for (const group of this.#claims.keys()) this.#unsettled.add(group);
  }

  /** What was joined may be so no longer. */
  doubt(): void {
    for (const group of this.#joined.keys()) {
      this.#joined.set(group, "doubtfully");
      this.#unsettled.add(group);
    }
  }

  /**
   * Looks at no more than `most` groups and has done what is to be done. When `carryOut` throws, so
   * does this, and the change is still to be done.
   */
  settle(most: number, carryOut: (change: GroupChange) => void): void {
    let left = most;
    for (const group of this.#unsettled) {
      if (left === 0) return;
      left -= 1;
      const [wanted, joined] = [this.#claims.has(group), this.#joined.get(group)];
      if (wanted && joined !== "surely") {
        carryOut({ type: "join", group });
        this.#joined.set(group, "surely");
      } else if (!wanted && joined !== undefined) {
        carryOut({ type: "leave", group });
        this.#joined.delete(group);
      }
      this.#unsettled.delete(group);
    }
  }

  #count(group: string, change: number): void {
    const claims = (this.#claims.get(group) ?? 0) + change;
    if (claims === 0) this.#claims.delete(group);
    else this.#claims.set(group, claims);
    this.#unsettled.add(group);
  }
}
