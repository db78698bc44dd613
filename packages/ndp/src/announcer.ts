import type { Ipv6Address } from "./address.ts";
import { isGroupMac, UNSPECIFIED } from "./group.ts";
import type { NdpPacket, NeighborAdvertisement, NeighborSolicitation } from "./message.ts";
import { Pace } from "./pace.ts";
import { checkRange } from "./range.ts";
import { linkLayerSource, linkLayerTarget, nonceOf } from "./sender.ts";

// One interface, and the addresses that it answers for. "Unsolicited" opens a schedule, on which the
// deadline goes on; it and "probe" wait their turn when there are too many a second.
//
//                              | absent               | probing          | claimed
//  announce                    | claimed, unsolicited | -                | -
//    with the option `probe`   | probe                | -                | -
//  withdraw                    | -                    | absent           | absent
//  solicitation to us          | -                    | -                | answer
//  probe of another (from ::)  | -                    | conflict, absent | answer, conflict
//  advertisement of another    | -                    | conflict, absent | conflict, defence
//  any other packet            | -                    | -                | -
//  up                          | -                    | probe            | unsolicited
//  deadline                    | -                    | claimed, unsolicited | unsolicited
//
// A packet is to us when its Ethernet destination is a group or our own hardware address; it is of
// another when neither its hardware address nor its nonce is ours. Defence is one unsolicited
// advertisement, with the option `defend` and at most every ten seconds.

/** What happens to an {@link NdpAnnouncer}. */
export type AnnouncerInput =
  | { readonly type: "announce"; readonly address: Ipv6Address }
  | { readonly type: "withdraw"; readonly address: Ipv6Address }
  /** A valid packet; `mac` is the interface's own when it arrives. */
  | { readonly type: "packet"; readonly packet: NdpPacket; readonly mac: number }
  /** The interface came up, or has another hardware address now. */
  | { readonly type: "up" }
  | { readonly type: "tick" };

/** What an {@link NdpAnnouncer} wants done. */
export type AnnouncerOutput =
  | { readonly type: "probe"; readonly address: Ipv6Address; readonly nonce: number }
  /** From now on the address is answered for. */
  | { readonly type: "claimed"; readonly address: Ipv6Address }
  | { readonly type: "answer"; readonly solicitation: NeighborSolicitation }
  | { readonly type: "unsolicited"; readonly address: Ipv6Address }
  /** Another uses the address, or wants to. Unless `claimed`, it is not announced any more. */
  | {
      readonly type: "conflict";
      readonly packet: NeighborSolicitation | NeighborAdvertisement;
      readonly claimed: boolean;
    };

/** What an {@link NdpAnnouncer} may be told. */
export interface AnnouncerOptions {
  /** Between two unsolicited advertisements; 1 to 3,600,000, by default 1,100. */
  readonly unsolicitedIntervalMs?: number;
  /** From the first to the last at most; 0 (one only) to 3,600,000, by default 5,000. */
  readonly unsolicitedForMs?: number;
  /** How many probes and unsolicited advertisements may go out; 1 to 1,000,000, by default 500. */
  readonly framesPerSecond?: number;
  /** Whether to ask for a second if somebody has the address, before it is claimed; by default not. */
  readonly probe?: boolean;
  /** Whether to contradict who claims an address that is claimed here; by default not. */
  readonly defend?: boolean;
}

/**
 * Decides which solicitations to answer, when to announce, and who is in conflict. Holds no timer and
 * no socket: hand it what happened and the time, carry out what it returns, and wake it with a tick
 * at its deadline. A tick before the deadline does nothing. Never throws once it is made.
 *
 * A packet costs one look-up however many addresses there are.
 */
export class NdpAnnouncer {
  readonly #intervalMs: number;
  readonly #forMs: number;
  readonly #probes: boolean;
  readonly #defends: boolean;
  readonly #pace: Pace;
  readonly #random: () => number;
  readonly #claims = new Map<Ipv6Address, Claim>();
  // Jobs that were replaced or withdrawn stay in their queue until their turn, and are passed over
  // then. Each queue is in order of `due`, as all in it wait equally long.
  /** First frames: a probe, or the first unsolicited advertisement. */
  readonly #fresh: Job[] = [];
  /** Later unsolicited advertisements; those of new addresses go first. */
  readonly #rounds: Job[] = [];
  /** Ends of probing; no frames, so not paced. */
  readonly #waits: Job[] = [];

  /**
   * @param random makes the nonces: numbers from 0 to below 1, evenly spread.
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   */
  constructor(options: AnnouncerOptions, random: () => number) {
    const {
      unsolicitedIntervalMs = 1_100,
      unsolicitedForMs = 5_000,
      framesPerSecond = 500,
    } = options;
    checkRange("unsolicitedIntervalMs", unsolicitedIntervalMs, 1, 3_600_000);
    checkRange("unsolicitedForMs", unsolicitedForMs, 0, 3_600_000);
    checkRange("framesPerSecond", framesPerSecond, 1, 1_000_000);
    this.#intervalMs = unsolicitedIntervalMs;
    this.#forMs = unsolicitedForMs;
    this.#probes = options.probe ?? false;
    this.#defends = options.defend ?? false;
    this.#pace = new Pace(framesPerSecond);
    this.#random = random;
  }

  /**
   * When to tick next, on the clock of `now`; infinite while nothing is scheduled. After a
   * withdrawal it may come early, never late.
   */
  get deadline(): number {
    const frame = this.#fresh[0] ?? this.#rounds[0];
    const frameAt = frame === undefined ? NEVER : Math.max(frame.due, this.#pace.readyAt);
    return Math.min(frameAt, this.#waits[0]?.due ?? NEVER);
  }

  handle(input: AnnouncerInput, now: number): readonly AnnouncerOutput[] {
    switch (input.type) {
      case "announce":
        return this.#announce(input.address, now);
      case "withdraw":
        this.#forget(input.address);
        return [];
      case "packet":
        return this.#receive(input.packet, input.mac, now);
      case "up":
        return this.#restart(now);
      case "tick":
        return now < this.deadline ? [] : this.#proceed(now);
    }
  }

  #announce(address: Ipv6Address, now: number): readonly AnnouncerOutput[] {
    if (this.#claims.has(address)) return [];
    const claim: Claim = {
      address,
      claimed: !this.#probes,
      nonce: undefined,
      job: undefined,
      defendedAt: Number.NEGATIVE_INFINITY,
    };
    this.#claims.set(address, claim);
    this.#queue(this.#fresh, { claim, due: now });
    const outputs = this.#proceed(now);
    return claim.claimed ? [{ type: "claimed", address }, ...outputs] : outputs;
  }

  #restart(now: number): readonly AnnouncerOutput[] {
    this.#clear();
    for (const claim of this.#claims.values()) this.#queue(this.#fresh, { claim, due: now });
    return this.#proceed(now);
  }

  #forget(address: Ipv6Address): void {
    const claim = this.#claims.get(address);
    if (claim === undefined) return;
    claim.job = undefined;
    this.#claims.delete(address);
    if (this.#claims.size === 0) this.#clear();
  }

  #receive(packet: NdpPacket, mac: number, now: number): readonly AnnouncerOutput[] {
    if (!("target" in packet)) return [];
    const claim = this.#claims.get(packet.target);
    if (claim === undefined || packet.sourceMac === mac) return [];
    if (packet.destinationMac !== mac && !isGroupMac(packet.destinationMac)) return [];
    if (packet.type === "neighbor-solicitation") return this.#solicited(packet, claim);
    return linkLayerTarget(packet) === mac ? [] : this.#contradicted(packet, claim, now);
  }

  #solicited(packet: NeighborSolicitation, claim: Claim): readonly AnnouncerOutput[] {
    const answer = { type: "answer", solicitation: packet } as const;
    if (packet.source !== UNSPECIFIED) {
      // An answer to a group's hardware address would be everybody's.
      return claim.claimed && !isGroupMac(linkLayerSource(packet)) ? [answer] : [];
    }
    if (claim.nonce !== undefined && claim.nonce === nonceOf(packet)) return [];
    const { claimed } = claim;
    return claimed ? [answer, this.#conflict(packet, claim)] : [this.#conflict(packet, claim)];
  }

  #contradicted(
    packet: NeighborAdvertisement,
    claim: Claim,
    now: number,
  ): readonly AnnouncerOutput[] {
    const conflict = this.#conflict(packet, claim);
    const isDue = now >= claim.defendedAt + DEFEND_INTERVAL_MS;
    if (!claim.claimed || !this.#defends || !isDue) return [conflict];
    claim.defendedAt = now;
    return [conflict, { type: "unsolicited", address: claim.address }];
  }

  #conflict(packet: NeighborSolicitation | NeighborAdvertisement, claim: Claim): AnnouncerOutput {
    if (!claim.claimed) this.#forget(claim.address);
    return { type: "conflict", packet, claimed: claim.claimed };
  }

  /** Does what is due, as far as the pace allows. */
  #proceed(now: number): readonly AnnouncerOutput[] {
    const outputs: AnnouncerOutput[] = [];
    for (let wait = shift(this.#waits, now); wait; wait = shift(this.#waits, now)) {
      const { claim } = wait;
      claim.claimed = true;
      outputs.push({ type: "claimed", address: claim.address });
      this.#queue(this.#fresh, { claim, due: now });
    }
    while (this.#pace.readyAt <= now) {
      const job = shift(this.#fresh, now) ?? shift(this.#rounds, now);
      if (job === undefined) break;
      this.#pace.take(now);
      outputs.push(job.claim.claimed ? this.#round(job, now) : this.#probe(job.claim, now));
    }
    return outputs;
  }

  #probe(claim: Claim, now: number): AnnouncerOutput {
    const nonce = Math.floor(this.#random() * 2 ** 48);
    claim.nonce = nonce;
    this.#queue(this.#waits, { claim, due: now + RETRANSMIT_MS });
    return { type: "probe", address: claim.address, nonce };
  }

  /** An unsolicited advertisement now, and the next one put down if it is not too late for that. */
  #round(job: Job, now: number): AnnouncerOutput {
    const { claim, until = now + this.#forMs } = job;
    const due = now + this.#intervalMs;
    if (due <= until) this.#queue(this.#rounds, { claim, due, until });
    return { type: "unsolicited", address: claim.address };
  }

  #queue(queue: Job[], job: Job): void {
    job.claim.job = job;
    queue.push(job);
  }

  #clear(): void {
    for (const queue of [this.#fresh, this.#rounds, this.#waits]) queue.length = 0;
  }
}

/** An address that is announced. */
interface Claim {
  readonly address: Ipv6Address;
  /** Whether it is answered for; it is being probed until then. */
  claimed: boolean;
  /** That of its probe. */
  nonce: number | undefined;
  /** The one of its jobs that counts. */
  job: Job | undefined;
  defendedAt: number;
}

interface Job {
  readonly claim: Claim;
  readonly due: number;
  /** When the schedule closes, once it is open. */
  readonly until?: number;
}

/** Takes the next job that still counts out of a queue, if it is due. */
function shift(queue: Job[], now: number): Job | undefined {
  for (let job = queue[0]; job !== undefined && job.due <= now; job = queue[0]) {
    queue.shift();
    if (job.claim.job === job) return job;
  }
  return undefined;
}

const NEVER = Number.POSITIVE_INFINITY;
/** RetransTimer. @see RFC 4861 section 10 */
const RETRANSMIT_MS = 1_000;
/** No NDP specification has one: that of RFC 5227 section 1.1. */
const DEFEND_INTERVAL_MS = 10_000;
