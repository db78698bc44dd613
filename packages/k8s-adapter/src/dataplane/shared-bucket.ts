import { type FrameBucket, TokenBucket } from "@ingot/arp";
import type { Family } from "../domain.ts";

/**
 * One rate for what is announced on one segment, by ARP and by NDP: as many frames a second as either
 * would send by default alone.
 *
 * The families take turns. Without that, whoever happens to be woken first after each frame would be
 * the next time, too, and the other would wait until there is nothing left to send.
 */
export class SharedBucket {
  readonly #bucket = new TokenBucket(FRAMES_PER_SECOND, BURST);
  readonly #waiting = new Set<Family>();
  #last: Family | undefined;

  /** The bucket as one family sees it. */
  seat(family: Family): FrameBucket {
    return {
      readyAt: (frames) => {
        this.#waiting.add(family);
        // A frame later than it could is after the other, and costs none of the rate.
        const givesWay = this.#last === family && this.#waiting.size > 1;
        return this.#bucket.readyAt(givesWay ? frames + 1 : frames);
      },
      charge: (frames, now) => {
        this.#waiting.delete(family);
        this.#last = family;
        this.#bucket.charge(frames, now);
      },
    };
  }
}

const FRAMES_PER_SECOND = 500;
const BURST = 50;
