import {
  type ClaimInput,
  ClaimMachine,
  type ClaimOutput,
  type ClaimView,
  type OmittedRule,
} from "./claim.ts";
import { ConflictMachine, type ConflictOutput } from "./conflict.ts";
import type { NodeOutput } from "./facts.ts";
import type { Claim } from "./precedence.ts";

/** What a {@link Seat} wants done. */
export type SeatOutput =
  | Extract<NodeOutput, { type: "start" | "stop" | "gratuitous" | "fact" }>
  /** The claim reads otherwise: tell the other nodes. */
  | { readonly type: "publish"; readonly claim: Claim | undefined }
  /** Say hello now, so that a rival hears. */
  | { readonly type: "hurry" };

/**
 * One address on this node: the claim to it and the dispute with strangers, put together. What is to
 * be done on the wire comes before what is told to the other nodes, so that nobody stops too early.
 */
export class Seat {
  readonly address: string;
  readonly #machine: ClaimMachine;
  #conflict: ConflictMachine | undefined;

  constructor(address: string, me: string, omit: OmittedRule | undefined) {
    this.address = address;
    this.#machine = new ClaimMachine(address, me, omit);
  }

  get claim(): Claim | undefined {
    return this.#machine.claim;
  }

  /** Who was last known to claim it. */
  get lastHolder(): string | undefined {
    return this.#machine.lastHolder;
  }

  get deadline(): number {
    return Math.min(this.#machine.deadline, this.#conflict?.deadline ?? Number.POSITIVE_INFINITY);
  }

  /** Another look at things, after any change and at the deadline. */
  look(view: ClaimView, now: number): readonly SeatOutput[] {
    const elapsed = this.#conflict?.handle({ type: "tick" }, now) ?? [];
    const settled = elapsed.flatMap((output) => this.#dispute(output, 0, now));
    const rival = rivalIn(view);
    return [...settled, ...this.#feed({ type: "view", view }, now, rival)];
  }

  /** As {@link ClaimMachine} is told; `rival` is who holds the address now, as far as is known. */
  tell(input: ClaimInput, now: number, rival: string | undefined): readonly SeatOutput[] {
    return this.#feed(input, now, rival);
  }

  /** A stranger claims the address, or answered a probe for it. */
  foreign(mac: number, now: number): readonly SeatOutput[] {
    const outputs = this.#conflict?.handle({ type: "foreign" }, now) ?? [];
    return outputs.flatMap((output) => this.#dispute(output, mac, now));
  }

  #feed(input: ClaimInput, now: number, rival: string | undefined): readonly SeatOutput[] {
    const from = this.lastHolder;
    const outputs = this.#machine.handle(input, now);
    return outputs.flatMap((output) => this.#carryOut(output, from, rival, now));
  }

  #carryOut(
    output: ClaimOutput,
    from: string | undefined,
    rival: string | undefined,
    now: number,
  ): readonly SeatOutput[] {
    const { address, claim } = this;
    switch (output.type) {
      case "update":
        return [{ type: "publish", claim }];
      case "repeat":
        return [{ type: "gratuitous", address }, { type: "hurry" }];
      case "stop": {
        this.#conflict = undefined;
        const fact = { kind: "stopped", address, cause: output.cause, to: rival } as const;
        const publish = { type: "publish", claim: undefined } as const;
        return [{ type: "stop", address }, publish, { type: "fact", fact }];
      }
      case "claim": {
        const fact = { kind: "claimed", address, cause: output.cause, from } as const;
        const told: SeatOutput[] = [
          { type: "publish", claim },
          { type: "fact", fact },
        ];
        // A claim that is made anew while it is answered for changes nothing on the wire.
        if (!output.isNew) return told;
        this.#conflict = new ConflictMachine(output.probe, now);
        return [{ type: "start", address, probe: output.probe ? "optimistic" : "off" }, ...told];
      }
    }
  }

  #dispute(output: ConflictOutput, mac: number, now: number): readonly SeatOutput[] {
    const { address } = this;
    switch (output) {
      case "defend":
        return [
          { type: "gratuitous", address },
          { type: "fact", fact: { kind: "conflict", address, mac, isKept: true } },
        ];
      case "give-up":
        return [
          { type: "stop", address },
          ...this.#feed({ type: "foreign" }, now, undefined),
          { type: "fact", fact: { kind: "conflict", address, mac, isKept: false } },
        ];
      case "look":
        return [{ type: "start", address, probe: "first" }];
      case "resume":
        return [
          ...this.#feed({ type: "foreign-gone" }, now, undefined),
          { type: "fact", fact: { kind: "resumed", address } },
        ];
    }
  }
}

/** Who holds an address in somebody's view, if anybody does. */
function rivalIn(view: ClaimView): string | undefined {
  for (const [node, claim] of view.others) if (claim.state !== "released") return node;
  return undefined;
}
