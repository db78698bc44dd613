import { Agenda } from "./agenda.ts";
import type { Claim, Job, Step } from "./claim.ts";
import type { AnnouncerOptions } from "./options.ts";
import type { AnnouncerOutput } from "./output.ts";
import { Pacer } from "./pacer.ts";
import { ArpOperation } from "./packet.ts";

// One thing after the other for each address, and all of them through one pacer:
//
//  probe … probe, settle, request, reply, repeat … repeat, refresh …
//
// The requests of first rounds go before all else: one moves every neighbour that knows the address,
// so the last of many addresses is reachable after half the time that whole rounds would take.
// Then come probes, those of addresses that need the fewest first; then the replies of first rounds,
// for neighbours that missed the request or do not learn from it; then later rounds. A repeat whose
// turn comes after its schedule has closed is left out, and no address ever waits twice, so that
// nothing piles up.
//
// Beside this chain, and after all else, goes the check: a probe for an address that is claimed.
// Whoever has it as well says nothing of his own accord, and does not answer gratuitous packets.

/**
 * What time brings to addresses: probes, claims and gratuitous packets, each in its turn. Part of
 * an {@link ArpAnnouncer}, which has the clock.
 */
export class Schedule {
  readonly #options: Required<AnnouncerOptions>;
  readonly #random: () => number;
  // Jobs that were replaced stay in these until their time comes, and are passed over then.
  readonly #agenda = new Agenda<Job>();
  readonly #pacer: Pacer<Job>;

  constructor(options: Required<AnnouncerOptions>, random: () => number) {
    this.#options = options;
    this.#random = random;
    this.#pacer = new Pacer(options.bucket);
  }

  /** When something is due, or may be; infinite when nothing is planned. */
  get deadline(): number {
    return Math.min(this.#agenda.deadline, this.#pacer.deadline);
  }

  /** Asks for an address from now on; `optimistic` is for the announcer to know. */
  probe(claim: Claim, state: "probing" | "optimistic", now: number): void {
    claim.state = state;
    claim.probesLeft = this.#options.probeCount;
    claim.check = undefined;
    this.#plan(claim, "probe", now + this.#random() * this.#options.probeWaitMs);
  }

  /** Claims an address and announces it. */
  settle(claim: Claim, now: number): AnnouncerOutput {
    const type = claim.isReturning ? "resumed" : "claimed";
    claim.state = "claimed";
    this.announce(claim, now);
    return { type, address: claim.address };
  }

  /** Opens an address's schedule of gratuitous packets, anew if it is open. */
  announce(claim: Claim, now: number): void {
    this.#plan(claim, "request", now);
    this.#planCheck(claim, now);
  }

  /** Another claims an address that is kept: whether he still does is asked for until he does not. */
  contest(claim: Claim, now: number): void {
    claim.contestedAt = now;
    if (claim.check === undefined) this.#planCheck(claim, now);
  }

  /** Leaves an address alone for a while, and then probes it. */
  giveUp(claim: Claim, now: number): void {
    claim.state = "conflicted";
    claim.isReturning = true;
    claim.check = undefined;
    // Two that gave up at one moment, each for the other, do not come back at one moment.
    this.#plan(claim, "retry", now + this.#options.retryMs * (1 + this.#random() / 10));
  }

  /** Counts a frame that went out of turn. */
  charge(now: number): void {
    this.#pacer.charge(1, now);
  }

  /** Does what is due, as far as the pacer allows; `news` is put last. */
  proceed(now: number, news: AnnouncerOutput[] = []): readonly AnnouncerOutput[] {
    const frames: AnnouncerOutput[] = [];
    for (;;) {
      this.#queueDue(now, news);
      const job = this.#pacer.next(now);
      if (job === undefined) return frames.concat(news);
      if (isWanted(job)) this.#send(job, now, frames);
    }
  }

  clear(): void {
    this.#agenda.clear();
    this.#pacer.clear();
  }

  #queueDue(now: number, news: AnnouncerOutput[]): void {
    for (let job = this.#agenda.take(now); job !== undefined; job = this.#agenda.take(now)) {
      if (!isWanted(job)) continue;
      if (job.step === "settle") news.push(this.settle(job.claim, now));
      else if (job.step === "retry") this.probe(job.claim, "probing", now);
      else this.#pacer.put(job);
    }
  }

  #send({ claim, step, frames }: Job, now: number, outputs: AnnouncerOutput[]): void {
    if (step === "repeat" && now > claim.until) {
      this.#planRound(claim, now);
      return;
    }
    this.#pacer.charge(frames, now);
    const { address } = claim;
    if (step === "probe") {
      outputs.push({ type: "probe", address });
      this.#planProbe(claim, now);
      return;
    }
    if (step === "check") {
      outputs.push({ type: "probe", address });
      claim.check = undefined;
      if (now < claim.contestedAt + CHECKS_IN_VAIN * this.#options.checkMs) {
        this.#planCheck(claim, now);
      }
      return;
    }
    if (step !== "reply") {
      outputs.push({ type: "gratuitous", address, operation: ArpOperation.request });
    }
    if (step === "request") {
      claim.until = now + this.#options.gratuitousForMs;
      this.#plan(claim, "reply", now);
      return;
    }
    outputs.push({ type: "gratuitous", address, operation: ArpOperation.reply });
    this.#planRound(claim, now);
  }

  #planProbe(claim: Claim, now: number): void {
    const { probeMinMs, probeMaxMs, announceWaitMs } = this.#options;
    claim.probesLeft -= 1;
    if (claim.probesLeft === 0) this.#plan(claim, "settle", now + announceWaitMs);
    else this.#plan(claim, "probe", now + probeMinMs + this.#random() * (probeMaxMs - probeMinMs));
  }

  #planRound(claim: Claim, now: number): void {
    const { gratuitousIntervalMs, refreshMs } = this.#options;
    if (now + gratuitousIntervalMs <= claim.until) {
      this.#plan(claim, "repeat", now + gratuitousIntervalMs);
    } else if (refreshMs > 0) {
      this.#plan(claim, "refresh", now + refreshMs);
    } else {
      claim.job = undefined;
    }
  }

  #planCheck(claim: Claim, now: number): void {
    const { checkMs } = this.#options;
    if (checkMs === 0) return;
    claim.check = { claim, step: "check", due: now + checkMs, ...TURN.check };
    this.#agenda.add(claim.check);
  }

  #plan(claim: Claim, step: Step, due: number): void {
    const { frames, priority } = TURN[step];
    const isUnderWay = step === "probe" && claim.probesLeft < this.#options.probeCount;
    claim.job = { claim, step, due, frames, priority: isUnderWay ? priority - 1 : priority };
    this.#agenda.add(claim.job);
  }
}

/** Whether a job has not been replaced, nor its address withdrawn. */
function isWanted(job: Job): boolean {
  return job.claim.job === job || job.claim.check === job;
}

/** How many go unanswered before nobody is asked any more. */
const CHECKS_IN_VAIN = 3;

/** How many frames a step sends, and who goes first: 1 is for probes that are not the first. */
const TURN = {
  request: { frames: 1, priority: 0 },
  probe: { frames: 1, priority: 2 },
  reply: { frames: 1, priority: 3 },
  repeat: { frames: 2, priority: 4 },
  refresh: { frames: 2, priority: 4 },
  check: { frames: 1, priority: 5 },
  // These send nothing, and never come before the pacer.
  settle: { frames: 0, priority: 0 },
  retry: { frames: 0, priority: 0 },
} as const satisfies Record<Step, { frames: number; priority: number }>;
