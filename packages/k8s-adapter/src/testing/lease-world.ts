import { VirtualClock } from "@ingot/testkit";
import {
  Leadership,
  type LeadershipInput,
  type LeadershipOutput,
  type LeaseState,
  type LeaseWrite,
} from "../leadership.ts";

/**
 * Several controllers and the one Lease that they share, over an API in virtual time. With trouble,
 * requests and answers are slow or lost, watches are late, and controllers freeze for a while.
 */
export class LeaseWorld {
  /** Each moment in which two may act, as text. */
  readonly overlaps: string[] = [];
  readonly #clock = new VirtualClock();
  readonly #random: () => number;
  readonly #members: Member[];
  #trouble: boolean;
  #lease: LeaseState | undefined;
  #version = 0;

  constructor(count: number, random: () => number, { trouble }: { readonly trouble: boolean }) {
    this.#random = random;
    this.#trouble = trouble;
    this.#members = Array.from({ length: count }, (_, index) => newMember(`c${index}`));
    for (const member of this.#members) {
      this.#clock.setTimer(this.#upTo(500), () => this.#feed(member, { type: "start" }));
    }
    this.#freezeSomebody();
  }

  get now(): number {
    return this.#clock.now();
  }

  /** Who may act now. */
  get acting(): readonly string[] {
    return this.#members.filter(({ until }) => until > this.now).map(({ name }) => name);
  }

  run(until: number): void {
    this.#clock.advanceTo(until);
  }

  /** From now on nothing is late, lost or frozen. */
  calm(): void {
    this.#trouble = false;
  }

  /** Ends one: without a word, or in order. */
  end(name: string, how: "crash" | "stop"): void {
    for (const member of this.#members) {
      if (member.name !== name) continue;
      if (how === "stop") {
        // It takes no more work before it gives the Lease up.
        member.until = 0;
        this.#feed(member, { type: "stop" });
      } else {
        member.crashed = true;
      }
    }
  }

  #upTo(ms: number): number {
    return Math.floor(this.#random() * ms);
  }

  /** Mostly quick; in trouble sometimes slow. */
  #latencyMs(): number {
    if (!this.#trouble || this.#random() < 0.8) return 1 + this.#upTo(20);
    return this.#upTo(3_000);
  }

  #isLost(): boolean {
    return this.#trouble && this.#random() < 0.15;
  }

  #freezeSomebody(): void {
    this.#clock.setTimer(this.#upTo(8_000), () => {
      const member = this.#members[this.#upTo(this.#members.length)];
      if (this.#trouble && member !== undefined && !member.frozen) {
        member.frozen = true;
        this.#clock.setTimer(this.#upTo(9_000), () => {
          member.frozen = false;
          for (const input of member.missed.splice(0)) this.#feed(member, input);
        });
      }
      this.#freezeSomebody();
    });
  }

  /** A frozen process finds everything that happened when it goes on, its timer first. */
  #feed(member: Member, input: LeadershipInput): void {
    if (member.crashed) return;
    if (member.frozen) {
      if (input.type === "tick") member.missed.unshift(input);
      else member.missed.push(input);
      return;
    }
    for (const output of member.leadership.handle(input, this.now)) this.#perform(member, output);
    member.cancel();
    const delayMs = member.leadership.deadline - this.now;
    member.cancel = this.#clock.setTimer(delayMs, () => this.#feed(member, { type: "tick" }));
  }

  #perform(member: Member, output: LeadershipOutput): void {
    switch (output.type) {
      case "read":
        this.#request(member, () => ({ type: "read", lease: this.#lease }));
        return;
      case "write":
        this.#request(member, () => this.#write(output.lease));
        return;
      case "leading":
        this.#act(member, output.until);
        return;
      case "suspended":
      case "following":
        member.until = 0;
        return;
      case "stopped":
    }
  }

  #act(member: Member, until: number): void {
    member.until = until;
    for (const other of this.#members) {
      if (other === member || other.until <= this.now) continue;
      this.overlaps.push(`${this.now}: ${other.name} until ${other.until} and ${member.name}`);
    }
  }

  /** Takes its way there and back; given up after a second, as the store does. */
  #request(member: Member, serve: () => LeadershipInput): void {
    let answered = false;
    const answer = (input: LeadershipInput) => {
      if (answered) return;
      answered = true;
      this.#feed(member, input);
    };
    this.#clock.setTimer(1_000, () => answer({ type: "failed" }));
    if (this.#isLost()) return;
    this.#clock.setTimer(this.#latencyMs(), () => {
      const input = serve();
      if (!this.#isLost()) this.#clock.setTimer(this.#latencyMs(), () => answer(input));
    });
  }

  #write(write: LeaseWrite): LeadershipInput {
    if (write.version !== this.#lease?.version) return { type: "refused" };
    this.#version += 1;
    const { holder, durationMs, transitions } = write;
    const version = `${this.#version}`;
    const lease = { holder, durationMs, transitions, version, renewal: version };
    this.#lease = lease;
    for (const member of this.#members) {
      const tell = () => this.#feed(member, { type: "observed", lease });
      if (!this.#isLost()) this.#clock.setTimer(this.#latencyMs(), tell);
    }
    return { type: "written", lease };
  }
}

interface Member {
  readonly name: string;
  readonly leadership: Leadership;
  readonly missed: LeadershipInput[];
  until: number;
  crashed: boolean;
  frozen: boolean;
  cancel: () => void;
}

function newMember(name: string): Member {
  return {
    name,
    leadership: new Leadership({ identity: name }),
    missed: [],
    until: 0,
    crashed: false,
    frozen: false,
    cancel: () => {},
  };
}
