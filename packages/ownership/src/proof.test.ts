import { describe, expect, it } from "vitest";
import { ProofMachine } from "./proof.ts";

const tick = { type: "tick" } as const;
const watch = (address: string) => ({ type: "watch", address, holder: "h" }) as const;
const answer = (address: string, isHolder = true, mac = 1) =>
  ({ type: "answered", address, isHolder, mac }) as const;

/** Ticks at each deadline up to `end`; `reply` says what happens to what is asked. */
function run(machine: ProofMachine, end: number, reply: (address: string) => boolean): string[] {
  const seen: string[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    for (const output of machine.handle(tick, now)) {
      seen.push(`${output.type} ${output.address} ${now}`);
      if (output.type !== "ask" || !reply(output.address)) continue;
      for (const told of machine.handle(answer(output.address), now)) seen.push(told.type);
    }
  }
  return seen;
}

describe("proof machine", () => {
  it("asks for each address about every ten seconds, one after the other", () => {
    const machine = new ProofMachine();
    machine.handle(watch("a"), 0);
    machine.handle(watch("b"), 0);
    expect(run(machine, 20_000, () => true)).toEqual([
      "ask b 5000",
      "proven",
      "ask a 10000",
      "proven",
      "ask b 15000",
      "proven",
      "ask a 20000",
      "proven",
    ]);
  });

  it("calls a holder silent after three questions, once, until it answers again", () => {
    const machine = new ProofMachine();
    machine.handle(watch("a"), 0);
    expect(run(machine, 20_000, () => false)).toEqual([
      "ask a 5000",
      "ask a 5500",
      "ask a 6000",
      "silent a 6500",
      "ask a 15000",
      "ask a 15500",
      "ask a 16000",
    ]);
    expect(run(machine, 30_000, () => true)).toEqual(["ask a 25000", "proven"]);
    expect(run(machine, 37_000, () => false).at(-1)).toBe("silent a 36500");
  });

  it("tells of every stranger that answers, once a round", () => {
    const machine = new ProofMachine();
    machine.handle(watch("a"), 0);
    const stranger = answer("a", false, 9);
    expect(machine.handle(stranger, 1)).toEqual([
      { type: "doubled", address: "a", holder: "h", mac: 9 },
    ]);
    expect(machine.handle(stranger, 2)).toEqual([]);
    machine.handle(tick, 5_000);
    expect(machine.handle(stranger, 5_001)).toHaveLength(1);
  });

  it("forgets what it need not watch, and ignores answers to what it did not ask", () => {
    const machine = new ProofMachine();
    machine.handle(watch("a"), 0);
    expect(machine.handle(answer("a"), 1)).toEqual([]);
    machine.handle({ type: "unwatch", address: "a" }, 2);
    expect(machine.handle(answer("a", false), 3)).toEqual([]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });
});
