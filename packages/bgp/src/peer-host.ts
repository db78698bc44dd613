import type { Random } from "./jitter.ts";
import type { AdjRibOut } from "./routes/adj-rib-out.ts";
import type { Clock, DialResult } from "./transport.ts";

/** What a peer needs of the speaker it belongs to. */
export interface PeerHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly routes: AdjRibOut;
  /** Whether the speaker has just restarted. */
  isRestarting(): boolean;
  /** Whether all routes are announced that there are to announce. */
  isComplete(): boolean;
  /** Starts to connect; undefined for peers that are never dialled. */
  readonly dial: ((result: DialResult) => () => void) | undefined;
  /** The deadline may have changed. */
  changed(): void;
  /** Call `flush` once this turn is over. */
  flushSoon(): void;
  /** Ends the peer's place in the speaker. */
  remove(): void;
}
