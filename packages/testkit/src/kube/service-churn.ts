import { type Api, ApiError } from "./api.ts";
import { type AssignedService, AssignmentRecord } from "./assignment-record.ts";

/**
 * Creates and deletes Services of the default namespace without end, and records what addresses they are
 * seen to have, over outages of the API server, too.
 */
export class ServiceChurn {
  readonly record: AssignmentRecord = new AssignmentRecord();
  readonly #api: Api;
  readonly #random: () => number;
  readonly #alive: string[] = [];
  #created = 0;
  #closed = false;
  #endWatch: () => void = () => {};
  #following: Promise<void> = Promise.resolve();

  /** @param random Numbers in [0, 1), which decide what is done. */
  constructor(api: Api, random: () => number) {
    this.#api = api;
    this.#random = random;
    this.#following = this.#follow();
  }

  /**
   * Carries out so many operations, some at a time: creations and deletions, by which the Services become
   * about 300. Calls `before` with the number of each. What an outage keeps from being done is tried again.
   */
  async run(
    operations: number,
    atATime: number,
    before: (operation: number) => void,
  ): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let operation = next++; operation < operations; operation = next++) {
        before(operation);
        await this.#operate();
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
  }

  /** Whether the record is up to date, and each of the Services that are there has an address. */
  get isSettled(): boolean {
    const { size, without } = this.record;
    return size === this.#alive.length && without.length === 0;
  }

  /** What keeps it from being settled, in words. */
  get state(): string {
    const { size, without } = this.record;
    const some = without.slice(0, 5).join(", ");
    return `${size} of ${this.#alive.length} seen, ${without.length} without address: ${some}`;
  }

  /** Stops to watch. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endWatch();
    await this.#following;
  }

  async #operate(): Promise<void> {
    const deletions = this.#alive.length < KEPT ? 0.4 : 0.6;
    if (this.#random() < deletions && this.#alive.length > 0) {
      const [name] = this.#alive.splice(Math.floor(this.#random() * this.#alive.length), 1);
      await this.#insist(() => this.#api.delete(`${SERVICES}/${name}`), 404);
      return;
    }
    this.#created += 1;
    const name = `churn-${this.#created}`;
    await this.#insist(() => this.#api.create(SERVICES, serviceOf(name)), 409);
    this.#alive.push(name);
  }

  /** Until it is done: `done` says that an earlier try was, though its answer was lost. */
  async #insist(call: () => Promise<unknown>, done: number): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await call();
        return;
      } catch (error) {
        if (error instanceof ApiError && error.code === done && tries > 1) return;
        if (tries === MOST_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#watchOnce();
      } catch {
        // The API server is away: from the beginning, when it is back.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #watchOnce(): Promise<void> {
    const { metadata, items } = await this.#api.get<ServiceList>(SERVICES);
    this.record.replace(items);
    const path = `${SERVICES}?resourceVersion=${metadata.resourceVersion}`;
    await new Promise<void>((resolve, reject) => {
      this.#api
        .watch<AssignedService>(
          path,
          ({ type, object }) => {
            if (type === "DELETED") this.record.delete(object);
            else if (type === "ERROR") this.#endWatch();
            else this.record.put(object);
          },
          resolve,
        )
        .then((end) => {
          this.#endWatch = end;
          if (this.#closed) end();
        }, reject);
    });
  }
}

interface ServiceList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly AssignedService[];
}

const SERVICES = "/api/v1/namespaces/default/services";
const KEPT = 300;
const RETRY_MS = 100;
const MOST_TRIES = 600;

function serviceOf(name: string): object {
  return {
    metadata: { name },
    spec: {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80 }],
    },
  };
}
