import type { Clock } from "./clock.ts";
import type { SpeakerInterface } from "./domain.ts";
import { textOf } from "./error-text.ts";
import type { Logger } from "./observe/log.ts";
import type { Source } from "./source/source.ts";

/** What a {@link Heartbeat} works with. */
export interface HeartbeatOptions {
  readonly source: Pick<Source, "renewSpeaker" | "releaseSpeaker">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly node: string;
  /** How long a renewal is good for; it is made three times in that time. Default 15,000. */
  readonly durationMs?: number;
}

/**
 * This node's sign of life: renewed in time, and at once when its interfaces change. It says that there
 * is a speaker and where it can announce; whether it is heard at this moment, hellos tell much sooner.
 */
export class Heartbeat {
  readonly #options: Required<HeartbeatOptions>;
  #interfaces: readonly SpeakerInterface[] = [];
  #conflicts: readonly string[] = [];
  #cancelTimer: () => void = () => {};
  #writing: Promise<void> | undefined;
  #dirty = false;
  #failing = false;
  #state: "idle" | "beating" | "stopped" = "idle";

  constructor(options: HeartbeatOptions) {
    this.#options = { durationMs: 15_000, ...options };
  }

  /** Begins, or tells other interfaces. */
  beat(interfaces: readonly SpeakerInterface[]): void {
    if (this.#state === "stopped") return;
    this.#state = "beating";
    this.#interfaces = interfaces;
    this.#renew();
  }

  /** Tells which of its addresses another host claims as well. */
  setConflicts(addresses: readonly string[]): void {
    if (addresses.join() === this.#conflicts.join()) return;
    this.#conflicts = addresses;
    if (this.#state === "beating") this.#renew();
  }

  /** Says goodbye, so that nobody counts on this node any more; never rejects. */
  async stop(): Promise<void> {
    const wasBeating = this.#state === "beating";
    this.#state = "stopped";
    this.#cancelTimer();
    await this.#writing;
    if (!wasBeating) return;
    try {
      await this.#options.source.releaseSpeaker(this.#options.node);
    } catch (error) {
      this.#options.logger.warn(
        { error: textOf(error) },
        "could not write that this speaker is gone; the controller finds out when its lease ends",
      );
    }
  }

  #renew(): void {
    if (this.#writing !== undefined) {
      this.#dirty = true;
      return;
    }
    this.#cancelTimer();
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#state !== "beating") return;
      if (this.#dirty) {
        this.#dirty = false;
        this.#renew();
        return;
      }
      const { clock, durationMs } = this.#options;
      this.#cancelTimer = clock.setTimer(durationMs / 3, () => this.#renew());
    });
  }

  async #write(): Promise<void> {
    const { source, node, durationMs, logger } = this.#options;
    try {
      const conflicts = this.#conflicts.length > 0 ? { conflicts: this.#conflicts } : {};
      await source.renewSpeaker({ node, durationMs, interfaces: this.#interfaces, ...conflicts });
      if (this.#failing) logger.info({}, "the sign of life is written again");
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        logger.warn(
          { error: textOf(error) },
          "could not write the sign of life; the controller gives this node nothing new meanwhile",
        );
      }
      this.#failing = true;
    }
  }
}
