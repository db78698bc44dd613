import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GroupChange, GroupLedger } from "./group-ledger.ts";

const GROUP = "ff02::1:ff00:99";
const MANY = 1000;

/** What a ledger has done when it is asked to settle everything, such as `join ff02::2`. */
function changesOf(ledger: GroupLedger): readonly string[] {
  const changes: string[] = [];
  ledger.settle(MANY, ({ type, group }) => changes.push(`${type} ${group}`));
  return changes;
}

/** A ledger in which one group is wanted or not, and joined, not or doubtfully. */
function ledgerWith(wanted: boolean, joined: "no" | "yes" | "doubtful"): GroupLedger {
  const ledger = new GroupLedger();
  const release = ledger.claim(GROUP);
  if (joined !== "no") changesOf(ledger);
  if (joined === "doubtful") ledger.doubt();
  if (!wanted) release();
  return ledger;
}

describe("group ledger", () => {
  it.each([
    [false, "no", []],
    [false, "yes", [`leave ${GROUP}`]],
    [false, "doubtful", [`leave ${GROUP}`]],
    [true, "no", [`join ${GROUP}`]],
    [true, "yes", []],
    [true, "doubtful", [`join ${GROUP}`]],
  ] as const)("follows its table when wanted is %s and joined is %s", (wanted, joined, changes) => {
    const ledger = ledgerWith(wanted, joined);
    expect(changesOf(ledger)).toEqual(changes);
    expect(ledger.isSettled).toBe(true);
    expect(changesOf(ledger)).toEqual([]);
  });

  it("joins with the first claim and leaves with the last, each released once", () => {
    const ledger = new GroupLedger();
    const [first, second] = [ledger.claim(GROUP), ledger.claim(GROUP)];
    expect(changesOf(ledger)).toEqual([`join ${GROUP}`]);
    first();
    first();
    expect(changesOf(ledger)).toEqual([]);
    second();
    expect(changesOf(ledger)).toEqual([`leave ${GROUP}`]);
  });

  it("joins everything again that was lost, and leaves nothing of it", () => {
    const ledger = new GroupLedger();
    const release = ledger.claim("ff02::a");
    ledger.claim("ff02::b");
    changesOf(ledger);
    release();
    ledger.lose();
    expect(changesOf(ledger)).toEqual(["join ff02::b"]);
  });

  it("forgets no doubt when a group is released and claimed meanwhile", () => {
    const ledger = new GroupLedger();
    const release = ledger.claim(GROUP);
    changesOf(ledger);
    ledger.doubt();
    release();
    ledger.claim(GROUP);
    expect(changesOf(ledger)).toEqual([`join ${GROUP}`]);
  });

  it("looks at no more groups than it may", () => {
    const ledger = new GroupLedger();
    for (const group of ["ff02::a", "ff02::b", "ff02::c"]) ledger.claim(group);
    const changes: GroupChange[] = [];
    ledger.settle(2, (change) => changes.push(change));
    expect(changes).toHaveLength(2);
    expect(ledger.isSettled).toBe(false);
    expect(changesOf(ledger)).toEqual(["join ff02::c"]);
  });

  it("has a change that failed still to do, and those after it", () => {
    const ledger = new GroupLedger();
    for (const group of ["ff02::a", "ff02::b", "ff02::c"]) ledger.claim(group);
    const fail = ({ group }: GroupChange) => {
      if (group === "ff02::b") throw new Error("no");
    };
    expect(() => ledger.settle(MANY, fail)).toThrow("no");
    expect(changesOf(ledger)).toEqual(["join ff02::b", "join ff02::c"]);
  });

  it("ends with what is wanted, whatever happens in whatever order", () => {
    const group = fc.constantFrom("ff02::a", "ff02::b", "ff02::c");
    const step = fc.oneof(
      fc.record({ type: fc.constant("claim"), group }),
      fc.record({ type: fc.constant("release"), at: fc.nat(9) }),
      fc.record({ type: fc.constantFrom("lose", "doubt") }),
      fc.record({ type: fc.constant("settle"), most: fc.nat(3), failAt: fc.nat(6) }),
    );
    fc.assert(
      fc.property(fc.array(step as fc.Arbitrary<Step>), (steps) => {
        const ledger = new GroupLedger();
        const joined = new Set<string>();
        const claims: { readonly group: string; readonly release: () => void }[] = [];
        const settle = (most: number, failAt: number) => {
          let done = 0;
          ledger.settle(most, (change) => {
            done += 1;
            if (done > failAt) throw new Error("no");
            if (change.type === "leave") expect(joined.delete(change.group)).toBe(true);
            else joined.add(change.group);
          });
        };
        for (const { type, group: g = "", at = 0, most = 0, failAt = 0 } of steps) {
          if (type === "claim") claims.push({ group: g, release: ledger.claim(g) });
          else if (type === "release") claims.splice(at, 1)[0]?.release();
          else if (type === "doubt") ledger.doubt();
          else if (type === "settle") attempt(() => settle(most, failAt));
          else {
            ledger.lose();
            joined.clear();
          }
        }
        settle(MANY, MANY);
        expect(joined).toEqual(new Set(claims.map((claim) => claim.group)));
        expect(ledger.isSettled).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

interface Step {
  readonly type: "claim" | "release" | "lose" | "doubt" | "settle";
  readonly group?: string;
  readonly at?: number;
  readonly most?: number;
  readonly failAt?: number;
}

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    expect(error).toEqual(new Error("no"));
  }
}
