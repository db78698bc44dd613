// Who of several controllers may act: the one whose name is in the Lease. The rules are client-go's,
// so that every tool that reads Leases understands this one; and nobody reads the others' clocks.
//
//            | free, or expired here | another's     | ours          | written          | refused | failed      | deadline
//  following | write our name        | wait for it   | renew it      | leading          | read    | read, later | write our name
//  leading   | (read) following      | (read) follow | (read) renew  | valid anew       | read    | renew, later| renew; suspended
//
// A Lease has expired for whoever has seen it unchanged for as long as it says it is good for, on its
// own clock from its own sight. Its holder counts from before it asked for the renewal, and stops to
// act a margin earlier: so what it began is over before anybody else may begin.

/** The Lease, as far as it matters. */
export interface LeaseState {
  /** Empty: nobody's. */
  readonly holder: string;
  readonly durationMs: number;
  /** Changes with each renewal; compared, never read as a time. */
  readonly renewal: string;
  /** How often it went from one holder to another. */
  readonly transitions: number;
  /** Precondition of a write. */
  readonly version: string;
}

/** What is to be written, renewed as of now. */
export interface LeaseWrite {
  /** Precondition; undefined: there must not be a Lease yet. */
  readonly version: string | undefined;
  /** Empty gives it up. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  /** Whether the holder becomes another one. */
  readonly changesHands: boolean;
}

/** What happens to a {@link Leadership}. */
export type LeadershipInput =
  | { readonly type: "start" }
  /** A watch told what the Lease is; it may be behind. */
  | { readonly type: "observed"; readonly lease: LeaseState | undefined }
  /** Answer to a read. */
  | { readonly type: "read"; readonly lease: LeaseState | undefined }
  /** Answer to a write: so it is now. */
  | { readonly type: "written"; readonly lease: LeaseState }
  /** Answer to a write: somebody else was faster. */
  | { readonly type: "refused" }
  /** No answer to a read, or to a write that may have been made nevertheless. */
  | { readonly type: "failed" }
  /** Gives the Lease up; nothing comes after `stopped`. */
  | { readonly type: "stop" }
  | { readonly type: "tick" };

/** What a {@link Leadership} wants done, or tells. */
export type LeadershipOutput =
  | { readonly type: "read" }
  | { readonly type: "write"; readonly lease: LeaseWrite }
  /** May act until then; told at each renewal. */
  | { readonly type: "leading"; readonly until: number }
  /** Must not act until it is `leading` again; still the holder, as far as it knows. */
  | { readonly type: "suspended" }
  /** Somebody else leads; empty: nobody knows who. What it decided while leading is void. */
  | { readonly type: "following"; readonly holder: string }
  | { readonly type: "stopped" };

/** Times of a {@link Leadership}; what is not given is as {@link LEADERSHIP_TIMES} has it. */
export interface LeadershipOptions {
  /** Unique to this process. */
  readonly identity: string;
  /** How long a renewal is good for; whole seconds. */
  readonly leaseMs?: number;
  /** How long after asking for a renewal it may act; the rest of `leaseMs` is the margin. */
  readonly actMs?: number;
  /** Between renewals. */
  readonly renewMs?: number;
  /** Before asking again when no answer came. */
  readonly retryMs?: number;
}

/** With these, a crashed leader is replaced 3 s after its last renewal. */
export const LEADERSHIP_TIMES: Required<Omit<LeadershipOptions, "identity">> = {
  leaseMs: 3_000,
  actMs: 2_250,
  renewMs: 750,
  retryMs: 250,
};

/**
 * Decides whether this process may act, one question to the API at a time. Each `read` and `write`
 * has to be answered, by `failed` at the latest. Never throws once it is made.
 */
export class Leadership {
  readonly #options: Required<LeadershipOptions>;
  #state: "idle" | "following" | "leading" | "stopping" | "stopped" = "idle";
  #asked: "nothing" | "read" | "write" = "nothing";
  #writtenAt = 0;
  /** What to ask next, and when. */
  #next: { readonly question: "read" | "write"; readonly at: number } = NEVER;
  #lease: LeaseState | undefined;
  #changedAt = 0;
  /** From then on; 0 when it is nobody's. */
  #goodForMs = 0;
  #until = Number.POSITIVE_INFINITY;
  #told: string | undefined;

  /** @throws {RangeError} when times do not leave a margin; the message names them. */
  constructor(options: LeadershipOptions) {
    this.#options = { ...LEADERSHIP_TIMES, ...options };
    const { leaseMs, actMs, renewMs } = this.#options;
    if (!(leaseMs > actMs)) throw outOfRange("leaseMs", leaseMs, "actMs", actMs);
    if (!(actMs > renewMs)) throw outOfRange("actMs", actMs, "renewMs", renewMs);
  }

  /** When to tick next, on the clock of `now`. */
  get deadline(): number {
    const next = this.#asked === "nothing" ? this.#next.at : Number.POSITIVE_INFINITY;
    return Math.min(next, this.#until);
  }

  handle(input: LeadershipInput, now: number): readonly LeadershipOutput[] {
    if (this.#state === "stopped") return [];
    switch (input.type) {
      case "start":
        if (this.#state !== "idle") return [];
        this.#state = "following";
        return this.#ask("read", now);
      case "observed":
        // Whoever leads, or has asked, learns by its own answers; a watch may be behind those.
        if (this.#state !== "following" || this.#asked !== "nothing") return [];
        return this.#see(input.lease, now);
      case "read":
        return this.#asked === "read" ? this.#read(input.lease, now) : [];
      case "written":
        return this.#asked === "write" ? this.#written(input.lease, now) : [];
      case "refused":
        return this.#asked === "write" ? this.#refused(now) : [];
      case "failed":
        return this.#asked === "nothing" ? [] : this.#failed(now);
      case "stop":
        return this.#stop(now);
      case "tick":
        return this.#tick(now);
    }
  }

  #tick(now: number): readonly LeadershipOutput[] {
    const outputs: LeadershipOutput[] = [];
    if (now >= this.#until) {
      this.#until = Number.POSITIVE_INFINITY;
      outputs.push({ type: "suspended" });
    }
    if (this.#asked === "nothing" && now >= this.#next.at) {
      outputs.push(...this.#ask(this.#next.question, now));
    }
    return outputs;
  }

  #ask(question: "read" | "write", now: number): readonly LeadershipOutput[] {
    this.#next = NEVER;
    this.#asked = question;
    if (question === "read") return [{ type: "read" }];
    this.#writtenAt = now;
    const { identity, leaseMs: durationMs } = this.#options;
    const holder = this.#state === "stopping" ? "" : identity;
    const changesHands = this.#lease?.holder !== holder;
    const before = this.#lease?.transitions ?? -1;
    // As in client-go, giving it up counts for nothing.
    const transitions = changesHands && holder !== "" ? before + 1 : before;
    const version = this.#lease?.version;
    return [{ type: "write", lease: { version, holder, durationMs, transitions, changesHands } }];
  }

  #read(lease: LeaseState | undefined, now: number): readonly LeadershipOutput[] {
    this.#asked = "nothing";
    if (this.#state !== "stopping") return this.#see(lease, now);
    this.#lease = lease;
    return lease?.holder === this.#options.identity ? this.#ask("write", now) : this.#end();
  }

  /** The Lease is so; of a leader, that its write was refused or lost. */
  #see(lease: LeaseState | undefined, now: number): readonly LeadershipOutput[] {
    this.#note(lease, now);
    if (lease?.holder === this.#options.identity) return this.#ask("write", now);
    this.#state = "following";
    this.#until = Number.POSITIVE_INFINITY;
    const freeAt = this.#changedAt + this.#goodForMs;
    // One that is free is about to be ours, and nobody is told who did not ask.
    const told = freeAt > now || this.#told === LEADING ? this.#follow(lease?.holder ?? "") : [];
    if (freeAt <= now) return [...told, ...this.#ask("write", now)];
    this.#next = { question: "write", at: freeAt };
    return told;
  }

  #note(lease: LeaseState | undefined, now: number): void {
    const before = this.#lease;
    this.#lease = lease;
    if (!isOther(before, lease)) return;
    this.#changedAt = now;
    // One that was deleted may still have a holder that acts.
    const held = lease ?? before;
    const isHeld = held !== undefined && held.holder !== "";
    this.#goodForMs = isHeld ? held.durationMs : 0;
  }

  #written(lease: LeaseState, now: number): readonly LeadershipOutput[] {
    this.#asked = "nothing";
    this.#note(lease, now);
    if (this.#state === "stopping") {
      return lease.holder === this.#options.identity ? this.#ask("write", now) : this.#end();
    }
    const { actMs, renewMs } = this.#options;
    this.#state = "leading";
    this.#next = { question: "write", at: this.#writtenAt + renewMs };
    const until = this.#writtenAt + actMs;
    // The answer took so long that nothing is left of it.
    if (until <= now) return [];
    this.#until = until;
    this.#told = LEADING;
    return [{ type: "leading", until }];
  }

  #refused(now: number): readonly LeadershipOutput[] {
    this.#asked = "nothing";
    return this.#state === "stopping" ? this.#end() : this.#ask("read", now);
  }

  #failed(now: number): readonly LeadershipOutput[] {
    this.#asked = "nothing";
    if (this.#state === "stopping") return this.#end();
    const question = this.#state === "leading" ? "write" : "read";
    this.#next = { question, at: now + this.#options.retryMs };
    return this.#state === "leading" ? [] : this.#follow(this.#lease?.holder ?? "");
  }

  #stop(now: number): readonly LeadershipOutput[] {
    const leads = this.#state === "leading";
    this.#state = "stopping";
    this.#next = NEVER;
    this.#until = Number.POSITIVE_INFINITY;
    // What is under way may still make it ours: its answer decides.
    if (this.#asked !== "nothing") return [];
    return leads ? this.#ask("write", now) : this.#end();
  }

  #end(): readonly LeadershipOutput[] {
    this.#state = "stopped";
    return [{ type: "stopped" }];
  }

  #follow(holder: string): readonly LeadershipOutput[] {
    const told = `following ${holder}`;
    if (this.#told === told) return [];
    this.#told = told;
    return [{ type: "following", holder }];
  }
}

const NEVER = { question: "read", at: Number.POSITIVE_INFINITY } as const;
const LEADING = "leading";

function isOther(a: LeaseState | undefined, b: LeaseState | undefined): boolean {
  return a?.holder !== b?.holder || a?.renewal !== b?.renewal || a?.transitions !== b?.transitions;
}

function outOfRange(option: string, value: number, than: string, least: number): RangeError {
  return new RangeError(`${option} must be more than ${than} (${least}), got ${value}`);
}
