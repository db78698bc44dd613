import { type BfdInput, BfdMachine, type BfdOutput } from "../machine.ts";
import type { BfdMachineOptions } from "../options.ts";
import type { BfdPacket } from "../packet.ts";
import type { BfdState } from "../state.ts";

/** The neighbour's packet, as it is before it has heard anything. */
export const packet: BfdPacket = {
  diagnostic: 0,
  state: "down",
  poll: false,
  final: false,
  controlPlaneIndependent: false,
  demand: false,
  multipoint: false,
  detectMultiplier: 3,
  myDiscriminator: 0x99,
  yourDiscriminator: 0,
  desiredMinTxUs: 1_000_000,
  requiredMinRxUs: 300_000,
  requiredMinEchoRxUs: 0,
};

/** This end's discriminator and echo token. */
export const identity = { discriminator: 0x11, token: 0x7070_7070 };

/** A machine on a time of its own, with what it did. */
export class Bench {
  readonly machine: BfdMachine;
  now = 0;

  constructor(options: BfdMachineOptions = {}, random: () => number = () => 0) {
    this.machine = new BfdMachine(options, identity, random);
  }

  /** Hands it an input now. */
  handle(input: BfdInput): readonly BfdOutput[] {
    return this.machine.handle(input, this.now);
  }

  /** Hands it the neighbour's packet with other fields. */
  hear(fields: Partial<BfdPacket>): readonly BfdOutput[] {
    const yourDiscriminator = identity.discriminator;
    return this.handle({ type: "packet", packet: { ...packet, yourDiscriminator, ...fields } });
  }

  /** Lets time pass, with a tick at every deadline; what it did, with the time. */
  advance(ms: number): { readonly at: number; readonly output: BfdOutput }[] {
    const end = this.now + ms;
    const done: { at: number; output: BfdOutput }[] = [];
    while (this.machine.deadline <= end) {
      this.now = Math.max(this.now, this.machine.deadline);
      for (const output of this.handle({ type: "tick" })) done.push({ at: this.now, output });
    }
    this.now = end;
    return done;
  }
}

/** A started machine in the given state; the neighbour was heard at 0 and no later. */
export function benchIn(state: BfdState, options: BfdMachineOptions = {}): Bench {
  const bench = new Bench(options);
  bench.handle({ type: "start" });
  if (state === "adminDown") bench.handle({ type: "adminDown" });
  if (state === "init") bench.hear({ state: "down" });
  if (state === "up") bench.hear({ state: "init", ...fast });
  return bench;
}

/** The fields of a neighbour that is up. */
export const fast: Partial<BfdPacket> = { desiredMinTxUs: 300_000, requiredMinEchoRxUs: 50_000 };

/** The packets among what a machine did. */
export function sent(outputs: readonly BfdOutput[]): BfdPacket[] {
  return outputs.flatMap((output) => (output.type === "send" ? [output.packet] : []));
}

/** The changes of state among what a machine did: `up`, or `down neighborDown` when it was lost. */
export function changes(outputs: readonly BfdOutput[]): string[] {
  return outputs.flatMap((output) => {
    if (output.type !== "changed") return [];
    return output.reason === undefined ? output.state : `${output.state} ${output.reason}`;
  });
}
