import type { AddressState, Claim } from "./claim.ts";
import { isClaim, isProbe, isRequestTo } from "./evidence.ts";
import { type AnnouncerOptions, complete, type ProbeMode } from "./options.ts";
import type { AnnouncerOutput } from "./output.ts";
import type { ArpPacket } from "./packet.ts";
import { Schedule } from "./schedule.ts";

// One interface, and the addresses that it answers for.
//
//                  | absent    | probing       | optimistic      | claimed          | conflicted
//  announce        | see below | -             | -               | -                | -
//  withdraw        | -         | absent        | absent          | absent           | absent
//  repeat          | -         | -             | -               | first round anew | -
//  request to us   | -         | -             | answer          | answer           | -
//  another's probe | -         | conflicted    | answer          | answer           | -
//  another's claim | -         | conflicted    | conflicted      | see below        | -
//  up              | -         | probing anew  | optimistic anew | first round anew | probing
//  deadline        | -         | probe; at last claimed, first round | next round, check | probing
//
//  announce       | off                  | first   | optimistic       (option `probe`)
//                 | claimed, first round | probing | optimistic
//
//  another's claim, claimed       | never      | once       | always  | report    (option `defend`)
//   none in the last 10 s         | conflicted | defence    | defence | told
//   else                          | conflicted | conflicted | -       | -
//
// A check is one more probe, some time after the claim and for as long as others claim the address
// that is kept all the same (option `checkMs`); its answer is another's claim.
//
// Another is whoever has a hardware address that is not ours. It claims an address by sending any
// request or reply with it as sender address. A claim that is a request to us for the same address,
// such as a gratuitous one, is answered besides, unless it leaves the address conflicted, or a defence
// goes out: that is the answer, and a host that defends once has lost when it hears two. A request is
// to us when it came by broadcast or to our own hardware address.

/** What happens to an {@link ArpAnnouncer}. Addresses are 32-bit numbers, MACs 48-bit numbers. */
export type AnnouncerInput =
  /** `probe` goes before the option. */
  | { readonly type: "announce"; readonly address: number; readonly probe?: ProbeMode }
  | { readonly type: "withdraw"; readonly address: number }
  /** Tell the neighbours again who has it. */
  | { readonly type: "repeat"; readonly address: number }
  | {
      readonly type: "packet";
      readonly packet: ArpPacket;
      /** The interface's own when the packet arrives. */
      readonly mac: number;
      /** Others that are no strangers: what they claim is no conflict. */
      readonly ownMacs?: ReadonlySet<number>;
    }
  /** The interface came up, or has another hardware address now. */
  | { readonly type: "up" }
  | { readonly type: "tick" };

/**
 * Decides when to probe, announce and defend, and which requests to answer. Holds no timer and no
 * socket: hand it what happened and the time, carry out what it returns, and wake it with a tick at
 * its deadline. A tick before the deadline does nothing. Never throws once it is made.
 *
 * A packet costs two look-ups however many addresses there are.
 */
export class ArpAnnouncer {
  readonly #options: Required<AnnouncerOptions>;
  readonly #schedule: Schedule;
  readonly #claims = new Map<number, Claim>();

  /**
   * @param random spreads probes: numbers from 0 to below 1, evenly spread.
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   */
  constructor(options: AnnouncerOptions, random: () => number) {
    this.#options = complete(options);
    this.#schedule = new Schedule(this.#options, random);
  }

  /**
   * When to tick next, on the clock of `now`; infinite while nothing is scheduled. After a withdrawal
   * or a conflict it may come early, never late.
   */
  get deadline(): number {
    return this.#schedule.deadline;
  }

  /** Undefined unless the address is announced. */
  stateOf(address: number): AddressState | undefined {
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
        if (input.packet.senderMac === input.mac) return [];
        return this.#receive(input.packet, input.mac, input.ownMacs ?? NOBODY, now);
      case "up":
        return this.#restart(now);
      case "tick":
        return now < this.deadline ? [] : this.#schedule.proceed(now);
    }
  }

  #announce(address: number, probe: ProbeMode, now: number): readonly AnnouncerOutput[] {
    if (this.#claims.has(address)) return [];
    const claim: Claim = {
      address,
      state: "claimed",
      isReturning: false,
      probesLeft: 0,
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

  #withdraw(address: number): void {
    const claim = this.#claims.get(address);
    if (claim === undefined) return;
    claim.job = undefined;
    claim.check = undefined;
    this.#claims.delete(address);
    if (this.#claims.size === 0) this.#schedule.clear();
  }

  #repeat(address: number, now: number): readonly AnnouncerOutput[] {
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
    packet: ArpPacket,
    mac: number,
    ownMacs: ReadonlySet<number>,
    now: number,
  ): readonly AnnouncerOutput[] {
    const sender = this.#claims.get(packet.senderAddress);
    const target = this.#claims.get(packet.targetAddress);
    let outputs: readonly AnnouncerOutput[] = [];
    if (sender !== undefined && isClaim(packet) && !ownMacs.has(packet.senderMac)) {
      outputs = this.#contest(sender, packet.senderMac, now);
    }
    if (target?.state === "probing" && isProbe(packet) && !ownMacs.has(packet.senderMac)) {
      outputs = this.#giveUp(target, packet.senderMac, now);
    }
    const isHeld = target?.state === "claimed" || target?.state === "optimistic";
    const isAnswered = target === sender && outputs[0]?.type === "defence";
    if (!isHeld || isAnswered || !isRequestTo(mac, packet)) return outputs;
    return [{ type: "answer", request: packet }, ...outputs];
  }

  #contest(claim: Claim, mac: number, now: number): readonly AnnouncerOutput[] {
    if (claim.state === "conflicted") return [];
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
