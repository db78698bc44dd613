import type { ReceivedRoutes } from "./import.ts";
import type { PathAttributes } from "./path-attributes.ts";
import { afiOf } from "./prefix.ts";

/** A route that a peer has announced. */
export interface ReceivedRoute {
  /** Canonical text. */
  readonly prefix: string;
  readonly attributes: PathAttributes;
}

/** What a peer has announced and not withdrawn. Path identifiers are not told apart. */
export class AdjRibIn {
  readonly #routes = new Map<string, PathAttributes>();
  /** What was there when a replay began and has not come again, by family. */
  readonly #stale = new Map<number, Set<string>>();

  get size(): number {
    return this.#routes.size;
  }

  /** Takes in what the peer says. Gives what is gone as a replay is over and has not brought it again. */
  take({ family, withdrawn, announced, attributes, replay }: ReceivedRoutes): readonly string[] {
    const { afi } = family;
    const stale = this.#stale.get(afi);
    for (const prefix of withdrawn) {
      this.#routes.delete(prefix);
      stale?.delete(prefix);
    }
    if (attributes !== undefined) {
      for (const prefix of announced) {
        this.#routes.set(prefix, attributes);
        stale?.delete(prefix);
      }
    }
    if (replay === "begins") {
      const all = [...this.#routes.keys()].filter((prefix) => afiOf(prefix) === afi);
      this.#stale.set(afi, new Set(all));
    }
    return replay === "ends" ? this.#sweep(afi) : [];
  }

  clear(): void {
    this.#routes.clear();
    this.#stale.clear();
  }

  get(prefix: string): PathAttributes | undefined {
    return this.#routes.get(prefix);
  }

  *[Symbol.iterator](): IterableIterator<ReceivedRoute> {
    for (const [prefix, attributes] of this.#routes) yield { prefix, attributes };
  }

  #sweep(afi: number): readonly string[] {
    const gone = [...(this.#stale.get(afi) ?? [])];
    this.#stale.delete(afi);
    for (const prefix of gone) this.#routes.delete(prefix);
    return gone;
  }
}
