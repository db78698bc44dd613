import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import { OWNERSHIP_KEY_NAME } from "./config/ownership-key.ts";
import type { OwnershipKeyRecord } from "./domain.ts";
import { textOf } from "./error-text.ts";
import type { Logger } from "./observe/log.ts";
import { type KeyChange, KeyRotation } from "./reconcile/key-rotation.ts";
import type { Source } from "./source/source.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a {@link KeyKeeper} works with. */
export interface KeyKeeperOptions {
  readonly source: Pick<Source, "writeOwnershipKey">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** A new secret, in base64; default 32 octets that nobody can guess. */
  readonly freshKey?: () => string;
}

/** How long every speaker is given to hear of a new key. */
export const KEY_HOLD_MS = 60_000;

/** Makes the speakers' key when there is none, and replaces it when that is asked for. */
export class KeyKeeper {
  readonly #options: KeyKeeperOptions;
  readonly #rotation: KeyRotation;
  readonly #queue: WorkQueue;
  #change: KeyChange | undefined;
  #cancelTimer: () => void = () => {};

  constructor(options: KeyKeeperOptions) {
    this.#options = options;
    const { clock, random, logger, freshKey = () => randomBytes(32).toString("base64") } = options;
    this.#rotation = new KeyRotation(KEY_HOLD_MS, freshKey);
    this.#queue = new WorkQueue({
      clock,
      random,
      work: () => this.#write(),
      failed: (_, error, delayMs) =>
        logger.warn(
          { secret: OWNERSHIP_KEY_NAME, retryInMs: delayMs, error: textOf(error) },
          "could not write the speakers' key, will try again",
        ),
    });
  }

  /** The Secret is as it says; undefined: there is none. */
  observe(record: OwnershipKeyRecord | undefined): void {
    this.#take(this.#rotation.handle({ type: "key", record }, this.#options.clock.now()));
  }

  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    await this.#queue.close();
  }

  #take(change: KeyChange | undefined): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    this.#change = change;
    if (change !== undefined) {
      this.#queue.add(OWNERSHIP_KEY_NAME);
      return;
    }
    const { clock } = this.#options;
    this.#cancelTimer = clock.setTimer(this.#rotation.deadline - clock.now(), () =>
      this.#take(this.#rotation.handle({ type: "tick" }, clock.now())),
    );
  }

  async #write(): Promise<void> {
    const change = this.#change;
    if (change === undefined) return;
    const { step, ...write } = change;
    // After a conflict the fresh Secret comes as an event and is judged anew.
    const result = await this.#options.source.writeOwnershipKey(write);
    if (result === "written") this.#options.logger.info({ secret: OWNERSHIP_KEY_NAME }, SAID[step]);
  }
}

const SAID: Readonly<Record<KeyChange["step"], string>> = {
  made: "made the key that speakers seal their hellos with",
  announced: `another key is wanted; speakers learn it, in ${KEY_HOLD_MS / 1_000} s it seals`,
  replaced: `the new key seals; in ${KEY_HOLD_MS / 1_000} s the old one is forgotten`,
  finished: "the old key is forgotten, the speakers have another key",
};
