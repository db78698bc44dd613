import type { Ipv6Address } from "./address.ts";
import type { AddressState, Claim } from "./claim.ts";
import { isAnswerable, isLoopedBack, isOfAnother, isProbe, isTo } from "./evidence.ts";
import type { NdpPacket, NeighborAdvertisement, NeighborSolicitation } from "./message.ts";
import { type AnnouncerOptions, complete, type ProbeMode } from "./options.ts";
import type { AnnouncerOutput } from "./output.ts";
import { Schedule } from "./schedule.ts";
import { linkLayerTarget } from "./sender.ts";

// One interface, and the addresses that it answers for.
//
//                  | absent    | probing       | optimistic      | claimed        | conflicted
//  announce        | see below | -             | -               | -              | -
//  withdraw        | -         | absent        | absent          | absent         | absent
//  repeat          | -         | -             | -               | unsolicited    | -
//  solicitation    | -         | -             | answer          | answer         | -
//  another's probe | -         | conflicted    | conflicted      | answer         | -
//  another's claim | -         | conflicted    | conflicted      | see below      | -
//  up              | -         | probing anew  | optimistic anew | unsolicited    | probing
//  deadline        | -         | probe; at last claimed, unsolicited | unsolicited, check | probing
//
//  announce       | off                  | first   | optimistic       (option `probe`)
//                 | claimed, unsolicited | probing | optimistic
//
//  another's claim, claimed       | never      | once       | always  | report    (option `defend`)
//   none in the last 10 s         | conflicted | defence    | defence | told
//   else                          | conflicted | conflicted | -       | -
//
// A check is a question who has the address, some time after the claim and for as long as others claim
// the address that is kept all the same (option `checkMs`); its answer is another's claim.
//
// Another is whoever has a hardware address that is not ours. It claims an address by advertising it;
// it probes for one by a solicitation from nowhere. Such a probe takes an optimistic address away (RFC
// 4429 section 3.3), and answers for one do not override what neighbours know. All of these count when
// they came to a group or to our own hardware address.

/** What happens to an {@link NdpAnnouncer}. MACs are 48-bit numbers. */
export type AnnouncerInput =
  /** `probe` goes before the option. */
  | { readonly type: "announce"; readonly address: Ipv6Address; readonly probe?: ProbeMode }
  | { readonly type: "withdraw"; readonly address: Ipv6Address }
  /** Tell the neighbours again who has it. */
  | { readonly type: "repeat"; readonly address: Ipv6Address }
  | {
      readonly type: "packet";
      /** A valid one, as `invalidity` judges. */
      readonly packet: NdpPacket;
      /** The interface's own when the packet arrives. */
      readonly mac: number;
      /** Others whose packets are no conflict; none by default. */
      readonly ownMacs?: ReadonlySet<number>;
    }
  /** The interface came up, or has another hardware address now. */
  | { readonly type: "up" }
  | { readonly type: "tick" };

/**
 * Decides which solicitations to answer, when to probe and to announce, and what to do about others
 * that have an address. Holds no timer and no socket: hand it what happened and the time, carry out
 * what it returns, and wake it with a tick at its deadline. A tick before the deadline does nothing.
 * Never throws once it is made.
 *
 * A packet costs one look-up however many addresses there are.
 */
export class NdpAnnouncer {
  readonly #options: Required<AnnouncerOptions>;
  readonly #schedule: Schedule;
  readonly #claims = new Map<Ipv6Address, Claim>();

  /**
   * @param random spreads probes and makes their nonces: numbers from 0 to below 1, evenly spread.
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   */
  constructor(options: AnnouncerOptions, random: () => number) {
    this.#options = complete(options);
    this.#schedule = new Schedule(this.#options, random);
  }

  /**
   * When to tick next, on the clock of `now`; infinite while nothing is scheduled. After a withdrawal
   * or a conflict, and while others empty a shared bucket, it may come early, never late.
   */
  get deadline(): number {
    return this.#schedule.deadline;
  }

  /** Undefined unless the address is announced. */
  stateOf(address: Ipv6Address): AddressState | undefined {
    return this.#claims.get(address)?.state;
  }

  handle(input: AnnouncerInput, now: number): readonly AnnouncerOutput[] {
    switch (input.type) {
      case "announce":
        return this.#announce(input.address, input.probe ?? this.#options.probe, now);
      case "withdraw":
        this.#withdraw(input.address);
        return [];
      case "repeat":
        return this.#repeat(input.address, now);
      case "packet":
        if (input.packet.sourceMac === input.mac) return [];
        return this.#receive(input.packet, input.mac, input.ownMacs ?? NOBODY, now);
      case "up":
        return this.#restart(now);
      case "tick":
        return now < this.deadline ? [] : this.#schedule.proceed(now);
    }
  }

  #announce(address: Ipv6Address, probe: ProbeMode, now: number): readonly AnnouncerOutput[] {
    if (this.#claims.has(address)) return [];
    const claim: Claim = {
      address,
      state: "claimed",
      isReturning: false,
      probesLeft: 0,
      nonces: [],
      until: now,
      defendedAt: Number.NEGATIVE_INFINITY,
      contestedAt: Number.NEGATIVE_INFINITY,
      job: undefined,
      check: undefined,
    };
    this.#claims.set(address, claim);
    if (probe === "off") return this.#schedule.proceed(now, [this.#schedule.settle(claim, now)]);
    this.#schedule.probe(claim, probe === "first" ? "probing" : "optimistic", now);
    return this.#schedule.proceed(now);
  }

  #withdraw(address: Ipv6Address): void {
    const claim = this.#claims.get(address);
    if (claim === undefined) return;
    claim.job = undefined;
    claim.check = undefined;
    this.#claims.delete(address);
    if (this.#claims.size === 0) this.#schedule.clear();
  }

  #repeat(address: Ipv6Address, now: number): readonly AnnouncerOutput[] {
    const claim = this.#claims.get(address);
    if (claim?.state !== "claimed") return [];
    this.#schedule.announce(claim, now);
    return this.#schedule.proceed(now);
  }

  #restart(now: number): readonly AnnouncerOutput[] {
    this.#schedule.clear();
    for (const claim of this.#claims.values()) {
      const { state } = claim;
      if (state === "claimed") this.#schedule.announce(claim, now);
      else this.#schedule.probe(claim, state === "optimistic" ? state : "probing", now);
    }
    return this.#schedule.proceed(now);
  }

  #receive(
    packet: NdpPacket,
    mac: number,
    ownMacs: ReadonlySet<number>,
    now: number,
  ): readonly AnnouncerOutput[] {
    if (!("target" in packet) || !isTo(mac, packet)) return [];
    const claim = this.#claims.get(packet.target);
    if (claim === undefined) return [];
    if (packet.type === "neighbor-advertisement") {
      return isOfAnother(packet, mac) ? this.#contest(claim, packet, ownMacs, now) : [];
    }
    const isContest = isProbe(packet) && claim.state !== "claimed";
    return isContest ? this.#probed(claim, packet, ownMacs, now) : answer(claim, packet);
  }

  #probed(
    claim: Claim,
    packet: NeighborSolicitation,
    ownMacs: ReadonlySet<number>,
    now: number,
  ): readonly AnnouncerOutput[] {
    const isOurs = ownMacs.has(packet.sourceMac) || isLoopedBack(packet, claim.nonces);
    if (isOurs || claim.state === "conflicted") return [];
    return this.#giveUp(claim, packet.sourceMac, now);
  }

  #contest(
    claim: Claim,
    packet: NeighborAdvertisement,
    ownMacs: ReadonlySet<number>,
    now: number,
  ): readonly AnnouncerOutput[] {
    const mac = linkLayerTarget(packet);
    if (claim.state === "conflicted" || ownMacs.has(mac)) return [];
    const { defend, defendIntervalMs } = this.#options;
    const isDefended = now < claim.defendedAt + defendIntervalMs;
    const isLost = defend === "never" || (defend === "once" && isDefended);
    if (claim.state !== "claimed" || isLost) return this.#giveUp(claim, mac, now);
    this.#schedule.contest(claim, now);
    const kept = { during: "claim", isKept: true, isNews: !isDefended } as const;
    const conflict = { type: "conflict", address: claim.address, mac, ...kept } as const;
    if (isDefended) return [conflict];
    claim.defendedAt = now;
    if (defend === "report") return [conflict];
    this.#schedule.charge(now);
    return [{ type: "defence", address: claim.address }, conflict];
  }

  #giveUp(claim: Claim, mac: number, now: number): readonly AnnouncerOutput[] {
    const during = claim.state === "claimed" ? "claim" : "probe";
    this.#schedule.giveUp(claim, now);
    const { address } = claim;
    return [{ type: "conflict", address, mac, during, isKept: false, isNews: true }];
  }
}

const NOBODY: ReadonlySet<number> = new Set();

function answer(claim: Claim, solicitation: NeighborSolicitation): readonly AnnouncerOutput[] {
  const isHeld = claim.state === "claimed" || claim.state === "optimistic";
  if (!isHeld || !isAnswerable(solicitation)) return [];
  return [{ type: "answer", solicitation, override: claim.state === "claimed" }];
}
