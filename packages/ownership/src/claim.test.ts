import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClaimInput, ClaimMachine, type ClaimOutput, type ClaimView } from "./claim.ts";
import type { Claim } from "./precedence.ts";
import { parseTable, type Table } from "./table.ts";

const table = parseTable("5:me,other,third");
const newTable = parseTable("6:me,other");
const notFirst = parseTable("6:other,me");
const claim = (epoch: number, term: number, more: Partial<Claim> = {}): Claim => ({
  epoch,
  term,
  table,
  state: "held",
  isForSilence: false,
  isAlone: false,
  ...more,
});
const look = (view: Partial<ClaimView> = {}): ClaimInput => ({
  type: "view",
  view: {
    order: ["me", "other"],
    isEligible: true,
    isListening: false,
    isAlone: false,
    table,
    others: new Map(),
    ...view,
  },
});
const rival = (theirs: Claim) => ({ others: new Map([["other", theirs]]) });
const heard = (theirs: Claim): ClaimInput => ({
  type: "heard",
  claimed: { node: "other", claim: theirs },
});

type State = "idle" | "held" | "released";

/** A machine that last did something at time 1000. */
function machineIn(state: State): ClaimMachine {
  const machine = new ClaimMachine("192.0.2.10", "me");
  if (state !== "idle") machine.handle(look(), 1_000);
  if (state === "released") machine.handle(look({ isEligible: false }), 1_000);
  expect(machine.claim?.state ?? "idle").toBe(state);
  return machine;
}

const words = (outputs: readonly ClaimOutput[]) =>
  outputs.map((output) => ("cause" in output ? `${output.type} ${output.cause}` : output.type));

describe("claim machine", () => {
  const larger = rival(claim(5, 1));
  const told: ClaimInput = { type: "told", claimed: { node: "other", claim: claim(5, 1) } };
  const smaller = heard(claim(4, 9));
  const silent: ClaimInput = {
    type: "silent",
    holder: "other",
    view: { ...(look(larger) as { view: ClaimView }).view },
  };
  const gather: ClaimInput = { type: "gather", view: silent.view };

  it.each<[string, ClaimInput, string[], string[], string[]]>([
    // input, idle, held, released
    ["a rival that outranks", look(larger), [], ["stop outranked"], ["stop outranked"]],
    ["a rival that does not", look(rival(claim(4, 9))), ["claim table"], [], ["stop outranked"]],
    ["it appears", smaller, [], ["repeat"], []],
    ["it goes", { type: "rival-gone" }, [], ["repeat"], []],
    [
      "newer table, first",
      look({ table: newTable }),
      ["claim unclaimed"],
      ["claim table"],
      ["claim regained"],
    ],
    [
      "newer table, not first",
      look({ table: notFirst, order: ["other", "me"] }),
      [],
      ["update"],
      [],
    ],
    [
      "newer table, alone, not its first",
      look({ table: notFirst, order: ["me"], isAlone: true }),
      ["claim unclaimed"],
      ["update"],
      ["claim regained"],
    ],
    [
      "newer table, alone, its first",
      look({ table: newTable, order: ["me"], isAlone: true }),
      ["claim unclaimed"],
      ["claim table"],
      ["claim regained"],
    ],
    ["not eligible", look({ isEligible: false }), [], ["update"], []],
    ["no rival, first", look(), ["claim unclaimed"], [], ["claim regained"]],
    [
      "a released claim",
      look(rival(claim(5, 9, { state: "released" }))),
      ["claim released"],
      [],
      ["claim regained"],
    ],
    ["the holder is silent", silent, ["claim silent"], [], []],
    ["a group strayed apart", gather, ["claim gathered"], [], []],
    ["told of a larger claim", told, [], ["stop told"], ["stop told"]],
    ["a foreign host", { type: "foreign" }, [], ["update"], []],
    ["it is gone again", { type: "foreign-gone" }, [], [], []],
    ["nobody is to answer", { type: "drop" }, [], ["stop dropped"], ["stop dropped"]],
    ["listening", look({ isListening: true }), [], [], []],
  ])("follows its table: %s", (_, input, idle, held, released) => {
    expect(words(machineIn("idle").handle(input, 1_001))).toEqual(idle);
    expect(words(machineIn("held").handle(input, 1_001))).toEqual(held);
    expect(words(machineIn("released").handle(input, 1_001))).toEqual(released);
  });

  it("probes what nobody was ever known to hold, and only that", () => {
    const [output] = machineIn("idle").handle(look(), 0);
    expect(output).toEqual({ type: "claim", cause: "unclaimed", isNew: true, probe: true });
    const machine = machineIn("idle");
    machine.handle(heard(claim(5, 3)), 0);
    const [taken] = machine.handle(look(), 0);
    expect(taken).toEqual({ type: "claim", cause: "dead", isNew: true, probe: false });
  });

  it("succeeds above all that was seen, but not above it while alone", () => {
    const machine = machineIn("idle");
    machine.handle(heard(claim(5, 3)), 0);
    machine.handle(heard(claim(4, 9)), 0);
    machine.handle(look(), 0);
    expect(machine.claim).toMatchObject({ epoch: 5, term: 4 });
    const alone = machineIn("idle");
    alone.handle(heard(claim(5, 3)), 0);
    alone.handle(look({ isAlone: true }), 0);
    expect(alone.claim).toMatchObject({ epoch: 5, term: 3, isAlone: true });
    const planned = machineIn("idle");
    planned.handle(heard(claim(5, 3)), 0);
    planned.handle(look({ table: newTable, ...rival(claim(5, 3)) }), 0);
    expect(planned.claim).toMatchObject({ epoch: 6, term: 0 });
  });

  it("gives way to the one it took over from while alone, even if its table puts it first", () => {
    const table: Table = { epoch: 9, nodes: ["me", "other"] };
    const other = { node: "other", claim: claim(9, 1, { table }) };
    const machine = machineIn("idle");
    machine.handle({ type: "heard", claimed: other }, 0);
    machine.handle(look({ table, order: ["me"], isAlone: true }), 0);
    expect(machine.claim).toMatchObject({ epoch: 9, term: 1, isAlone: true });
    const both = look({ table, order: ["me", "other"], ...rival(other.claim) });
    expect(words(machine.handle(both, 1_000))).toEqual(["stop outranked"]);
  });

  it("claims no more than the one had that it may be cut off from, however much it has seen", () => {
    const machine = machineIn("idle");
    machine.handle({ type: "heard", claimed: { node: "third", claim: claim(5, 4) } }, 0);
    machine.handle(heard(claim(5, 1)), 0);
    machine.handle(look({ isAlone: true }), 0);
    expect(machine.claim).toMatchObject({ epoch: 5, term: 1, isAlone: true });
    const behind = machineIn("idle");
    behind.handle(heard(claim(5, 1)), 0);
    behind.handle(look({ isAlone: true, table: notFirst }), 0);
    expect(behind.claim).toMatchObject({ epoch: 5, term: 1 });
    const meant = machineIn("idle");
    meant.handle(heard(claim(5, 1)), 0);
    meant.handle(look({ isAlone: true, table: newTable }), 0);
    expect(meant.claim).toMatchObject({ epoch: 6, term: 0, isAlone: true });
  });

  it("is not alone with what nobody had, or with what it had itself", () => {
    const first = machineIn("idle");
    first.handle(look({ isAlone: true }), 0);
    expect(first.claim).toMatchObject({ isAlone: false });
    const again = machineIn("released");
    again.handle(look({ isAlone: true }), 0);
    expect(again.claim).toMatchObject({ isAlone: false });
  });

  it("waits 300 ms for each that comes before it, from the end of listening on", () => {
    const machine = machineIn("idle");
    const third = { order: ["other", "third", "me"] };
    machine.handle(look({ ...third, isListening: true }), 0);
    expect(machine.handle(look(third), 1_000)).toEqual([]);
    expect(machine.deadline).toBe(1_600);
    expect(machine.handle(look(third), 1_599)).toEqual([]);
    expect(words(machine.handle(look(third), 1_600))).toEqual(["claim backup"]);
  });

  it("answers for a second after its release, when nobody takes over", () => {
    const machine = machineIn("released");
    expect(machine.deadline).toBe(2_000);
    expect(machine.handle(look({ isEligible: false }), 1_999)).toEqual([]);
    expect(words(machine.handle(look({ isEligible: false }), 2_000))).toEqual(["stop released"]);
  });

  it("takes nothing for silence that was taken for silence", () => {
    const view = { ...silent.view, ...rival(claim(5, 1, { isForSilence: true })) };
    expect(machineIn("idle").handle({ ...silent, view }, 1_001)).toEqual([]);
  });

  it("keeps a conflicted claim until the stranger is gone", () => {
    const machine = machineIn("held");
    machine.handle({ type: "foreign" }, 1_001);
    expect(machine.claim?.state).toBe("conflicted");
    machine.handle({ type: "foreign-gone" }, 1_002);
    expect(machine.claim?.state).toBe("held");
  });

  it("never throws, whatever comes in whatever order", () => {
    const theirs = fc.record({
      epoch: fc.nat(6),
      term: fc.nat(3),
      table: fc.constantFrom(table, newTable, notFirst),
      state: fc.constantFrom("held" as const, "released" as const, "conflicted" as const),
      isForSilence: fc.boolean(),
      isAlone: fc.boolean(),
    });
    const view = fc.record({
      order: fc.subarray(["other", "me", "third"]),
      isEligible: fc.boolean(),
      isListening: fc.boolean(),
      isAlone: fc.boolean(),
      table: fc.constantFrom(table, newTable, notFirst),
      others: fc
        .dictionary(fc.constantFrom("other", "third"), theirs)
        .map((all) => new Map(Object.entries(all))),
    });
    const input = fc.oneof(
      view.map((one): ClaimInput => ({ type: "view", view: one })),
      view.map((one): ClaimInput => ({ type: "silent", view: one, holder: "other" })),
      view.map((one): ClaimInput => ({ type: "gather", view: one })),
      theirs.map(heard),
      fc.constantFrom<ClaimInput>(
        { type: "drop" },
        { type: "foreign" },
        { type: "foreign-gone" },
        told,
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(900))), (steps) => {
        const machine = new ClaimMachine("192.0.2.10", "me");
        let now = 0;
        let isAnswering = false;
        for (const [next, later] of steps) {
          now += later;
          for (const output of machine.handle(next, now)) {
            if (output.type === "claim") expect(output.isNew).toBe(!isAnswering);
            if (output.type === "claim") isAnswering = true;
            if (output.type === "stop") isAnswering = false;
          }
          expect(machine.claim !== undefined).toBe(isAnswering);
        }
      }),
    );
  });
});
