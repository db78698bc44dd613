import type { Ipv6Address } from "./address.ts";
import { Agenda } from "./agenda.ts";
import type { Claim, Job, Step } from "./claim.ts";
import type { AnnouncerOptions } from "./options.ts";
import type { AnnouncerOutput } from "./output.ts";
import { Pacer } from "./pacer.ts";

// One thing after the other for each address, and all of them through one pacer:
//
//  probe … probe, settle, first, repeat … repeat, refresh …
//
// First advertisements go before all else: one moves every neighbour that knows the address. Then come
// probes, those of addresses that need the fewest first; then repeats; then refreshes. A repeat whose
// turn comes after its schedule has closed is left out, and no address ever waits twice, so that nothing
// piles up.
//
// Beside this chain, and after all else, goes the check: a question for an address that is claimed.
// Whoever has it as well says nothing of his own accord, as advertisements are not answered.

/**
 * What time brings to addresses: probes, claims and unsolicited advertisements, each in its turn. Part
 * of an {@link NdpAnnouncer}, which has the clock.
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
    claim.nonces = [];
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

  /** Opens an address's schedule of unsolicited advertisements, anew if it is open. */
  announce(claim: Claim, now: number): void {
    this.#plan(claim, "first", now);
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
    this.#pacer.charge(now);
  }

  /** Does what is due, as far as the pacer allows; `news` is put last. */
  proceed(now: number, news: AnnouncerOutput[] = []): readonly AnnouncerOutput[] {
    const frames: AnnouncerOutput[] = [];
    for (;;) {
      this.#queueDue(now, news);
      const job = this.#pacer.next(now);
      if (job === undefined) return frames.concat(news);
      const frame = isWanted(job) ? this.#frameOf(job, now) : undefined;
      if (frame === undefined) continue;
      this.#pacer.charge(now);
      frames.push(frame);
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

  /** What a job sends, if that is not too late, and what comes after it planned. */
  #frameOf({ claim, step }: Job, now: number): AnnouncerOutput | undefined {
    const { address } = claim;
    if (step === "probe") return this.#probe(claim, address, now);
    if (step === "check") return this.#check(claim, address, now);
    if (step === "first") claim.until = now + this.#options.unsolicitedForMs;
    this.#planNext(claim, now);
    const isTooLate = step === "repeat" && now > claim.until;
    return isTooLate ? undefined : { type: "unsolicited", address };
  }

  #probe(claim: Claim, address: Ipv6Address, now: number): AnnouncerOutput {
    const { probeMinMs, probeMaxMs, announceWaitMs } = this.#options;
    const nonce = Math.floor(this.#random() * 2 ** 48);
    claim.nonces = [...claim.nonces, nonce];
    claim.probesLeft -= 1;
    if (claim.probesLeft === 0) this.#plan(claim, "settle", now + announceWaitMs);
    else this.#plan(claim, "probe", now + probeMinMs + this.#random() * (probeMaxMs - probeMinMs));
    return { type: "probe", address, nonce };
  }

  #check(claim: Claim, address: Ipv6Address, now: number): AnnouncerOutput {
    claim.check = undefined;
    if (now < claim.contestedAt + CHECKS_IN_VAIN * this.#options.checkMs) {
      this.#planCheck(claim, now);
    }
    return { type: "check", address };
  }

  #planNext(claim: Claim, now: number): void {
    const { unsolicitedIntervalMs, refreshMs } = this.#options;
    if (now + unsolicitedIntervalMs <= claim.until) {
      this.#plan(claim, "repeat", now + unsolicitedIntervalMs);
    } else if (refreshMs > 0) {
      this.#plan(claim, "refresh", now + refreshMs);
    } else {
      claim.job = undefined;
    }
  }

  #planCheck(claim: Claim, now: number): void {
    const { checkMs } = this.#options;
    if (checkMs === 0) return;
    claim.check = { claim, step: "check", due: now + checkMs, priority: PRIORITY.check };
    this.#agenda.add(claim.check);
  }

  #plan(claim: Claim, step: Step, due: number): void {
    const isUnderWay = step === "probe" && claim.probesLeft < this.#options.probeCount;
    const priority = isUnderWay ? PRIORITY.probe - 1 : PRIORITY[step];
    claim.job = { claim, step, due, priority };
    this.#agenda.add(claim.job);
  }
}

/** Whether a job has not been replaced, nor its address withdrawn. */
function isWanted(job: Job): boolean {
  return job.claim.job === job || job.claim.check === job;
}

/** How many go unanswered before nobody is asked any more. */
const CHECKS_IN_VAIN = 3;

/** Who goes first: 1 is for probes that are not the first. */
const PRIORITY = {
  first: 0,
  probe: 2,
  repeat: 3,
  refresh: 4,
  check: 5,
  // These send nothing, and never come before the pacer.
  settle: 0,
  retry: 0,
} as const satisfies Record<Step, number>;
