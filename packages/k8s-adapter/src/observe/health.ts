/**
 * Whether a program is alive and whether it is ready. Alive until it says that it is broken; ready
 * while it is alive and every one of its conditions holds. None holds at first.
 */
export class Health<Condition extends string> {
  readonly #unmet: Map<Condition, string>;
  readonly #conditions: readonly Condition[];
  #broken = "";

  constructor(conditions: readonly Condition[]) {
    this.#conditions = conditions;
    this.#unmet = new Map(conditions.map((condition) => [condition, "not started"]));
  }

  /** The condition holds from now on. */
  met(condition: Condition): void {
    this.#unmet.delete(condition);
  }

  /** The condition does not hold, and why: `worker is restarting`. */
  unmet(condition: Condition, reason: string): void {
    this.#unmet.set(condition, reason);
  }

  /** Only a restart of the program can help. The first reason stays. */
  break(reason: string): void {
    this.#broken ||= reason;
  }

  /** Why the program is not alive; empty when it is. */
  get dead(): readonly string[] {
    return this.#broken === "" ? [] : [`broken: ${this.#broken}`];
  }

  /** Why the program is not ready, a line for each reason, in a steady order; empty when it is. */
  get unready(): readonly string[] {
    const unmet = this.#conditions.flatMap((condition) => {
      const reason = this.#unmet.get(condition);
      return reason === undefined ? [] : [`${condition}: ${reason}`];
    });
    return [...this.dead, ...unmet];
  }
}
