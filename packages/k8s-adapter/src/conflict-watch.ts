import type { Clock } from "./clock.ts";
import type { ConflictSighting } from "./dataplane/messages.ts";
import { type Claimant, Conflicts, type ConflictsInput } from "./reconcile/conflicts.ts";

/** Keeps who else claims what this node claims, and tells whenever that changed. */
export class ConflictWatch {
  readonly #conflicts = new Conflicts();
  readonly #clock: Clock;
  readonly #changed: (addresses: readonly string[]) => void;
  #cancelTimer: () => void = () => {};

  /** @param changed Takes the addresses whose claimants changed. */
  constructor(clock: Clock, changed: (addresses: readonly string[]) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The addresses that another host claims, in a fixed order. */
  get addresses(): readonly string[] {
    return this.#conflicts.addresses;
  }

  /** Those who claim an address, in a fixed order. */
  of(address: string): readonly Claimant[] {
    return this.#conflicts.of(address);
  }

  /** @param peer The node whose Lease has the other's hardware address, if one does. */
  see(sighting: ConflictSighting, peer: string | undefined): void {
    this.#handle({ type: "seen", sighting, peer });
  }

  /** All that this node claims from now on. */
  setClaimed(addresses: ReadonlySet<string>): void {
    this.#handle({ type: "announced", addresses });
  }

  /** An address that had been given up is free again. */
  setFree(address: string): void {
    this.#handle({ type: "free", address });
  }

  close(): void {
    this.#cancelTimer();
  }

  #handle(input: ConflictsInput): void {
    const changed = this.#conflicts.handle(input, this.#clock.now());
    this.#cancelTimer();
    const { deadline } = this.#conflicts;
    if (Number.isFinite(deadline)) {
      const delayMs = Math.max(0, deadline - this.#clock.now());
      this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#handle({ type: "tick" }));
    }
    if (changed.length > 0) this.#changed(changed);
  }
}
