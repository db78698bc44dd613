import type { ReceivedRoutes } from "./import.ts";
import type { PathAttributes } from "./path-attributes.ts";

/** A route that a peer has announced. */
export interface ReceivedRoute {
  /** Canonical text. */
  readonly prefix: string;
  readonly attributes: PathAttributes;
}

/** What a peer has announced and not withdrawn. Path identifiers are not told apart. */
export class AdjRibIn {
  readonly #routes = new Map<string, PathAttributes>();

  get size(): number {
    return this.#routes.size;
  }

  take({ withdrawn, announced, attributes }: ReceivedRoutes): void {
    for (const prefix of withdrawn) this.#routes.delete(prefix);
    if (attributes === undefined) return;
    for (const prefix of announced) this.#routes.set(prefix, attributes);
  }

  clear(): void {
    this.#routes.clear();
  }

  get(prefix: string): PathAttributes | undefined {
    return this.#routes.get(prefix);
  }

  *[Symbol.iterator](): IterableIterator<ReceivedRoute> {
    for (const [prefix, attributes] of this.#routes) yield { prefix, attributes };
  }
}
