import { describe, expect, it } from "vitest";
import { ConflictMachine, type ConflictState } from "./conflict.ts";

const foreign = { type: "foreign" } as const;
const tick = { type: "tick" } as const;

/** A machine that came into its state at time 100,000. */
function machineIn(state: ConflictState): ConflictMachine {
  if (state === "probing") return new ConflictMachine(true, 100_000);
  const machine = new ConflictMachine(false, 0);
  if (state === "clear") return machine;
  const lookAt = state === "looking" ? 70_000 : 100_000;
  machine.handle(foreign, lookAt);
  if (state !== "defended") machine.handle(foreign, lookAt);
  if (state === "looking") machine.handle(tick, 100_000);
  expect(machine.state).toBe(state);
  return machine;
}

describe("conflict machine", () => {
  it.each<[ConflictState, string[], number, string[], ConflictState]>([
    // state,      foreign,     deadline after, then,      and is
    ["probing", ["give-up"], 60, [], "clear"],
    ["clear", ["defend"], Number.POSITIVE_INFINITY, [], "clear"],
    ["defended", ["give-up"], 10_000, [], "clear"],
    ["conflicted", [], 30_000, ["look"], "looking"],
    ["looking", ["give-up"], 1_000, ["resume"], "clear"],
  ])("follows its table when %s", (state, onForeign, afterMs, onDeadline, next) => {
    expect(machineIn(state).handle(foreign, 100_001)).toEqual(onForeign);
    const machine = machineIn(state);
    expect(machine.deadline).toBe(100_000 + afterMs);
    expect(machine.handle(tick, 100_000)).toEqual([]);
    expect(machine.handle(tick, machine.deadline)).toEqual(onDeadline);
    expect(machine.state).toBe(next);
  });
});
