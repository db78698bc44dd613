import type { ImportCounters } from "./import.ts";
import type { OutboxCounters } from "./routes/outbox.ts";
import type { SessionCounters } from "./session.ts";

/** What has happened with a peer since it was added. */
export interface PeerCounters extends Readonly<SessionCounters>, Readonly<ImportCounters> {
  /** Times that a session was Established. */
  readonly established: number;
  /** Attempts that ended before that. */
  readonly failed: number;
  /** What the current session has sent; undefined while there is none. */
  readonly sent: OutboxCounters | undefined;
}
