import { seededRandom } from "@ingot/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClaimCopy } from "./claim-copy.ts";
import { ClaimLedger } from "./claim-ledger.ts";
import type { HelloItem } from "./hello-items.ts";
import type { Claim } from "./precedence.ts";

type Part = Extract<HelloItem, { type: "changes" | "set" }>;
const claim = (term: number): Claim => ({
  epoch: 1,
  term,
  table: { epoch: 1, nodes: ["n1", "n2"] },
  state: "held",
  isForSilence: false,
  isAlone: false,
});
const parts = (items: readonly HelloItem[]) =>
  items.filter((item): item is Part => item.type === "changes" || item.type === "set");

describe("claim copy", () => {
  it("does not let a repetition bring back what was taken back meanwhile", () => {
    const [ledger, copy] = [new ClaimLedger(1_000), new ClaimCopy()];
    ledger.set("192.0.2.1", claim(1));
    const claimed = parts(ledger.takeChanges());
    const whole = parts(ledger.wholeSet());
    ledger.set("192.0.2.1", undefined);
    for (const item of [...claimed, ...parts(ledger.takeChanges())]) copy.apply(item);
    for (const item of [...claimed, ...whole]) expect(copy.apply(item)).toEqual([]);
    expect([...copy.claims()]).toEqual([]);
  });

  it("comes to equal the ledger, whatever is lost, doubled or late", () => {
    const steps = fc.array(
      fc.tuple(fc.nat(30), fc.option(fc.nat(9), { nil: undefined }), fc.boolean()),
    );
    fc.assert(
      fc.property(steps, fc.nat(), (changes, seed) => {
        const random = seededRandom(seed);
        const ledger = new ClaimLedger(120);
        const copy = new ClaimCopy();
        const flying: Part[] = [];
        const truth = new Map<string, Claim>();
        for (const [host, term, isFlushed] of changes) {
          const address = `192.0.2.${host}`;
          const next = term === undefined ? undefined : claim(term);
          ledger.set(address, next);
          if (next === undefined) truth.delete(address);
          else truth.set(address, next);
          if (isFlushed) flying.push(...parts(ledger.takeChanges()));
          if (random() < 0.1) flying.push(...parts(ledger.wholeSet()));
          const arrived = flying[Math.floor(random() * flying.length)];
          if (arrived !== undefined && random() < 0.7) copy.apply(arrived);
        }
        ledger.takeChanges();
        for (const part of parts(ledger.wholeSet())) copy.apply(part);
        expect(copy.version).toBe(ledger.version);
        expect(new Map(copy.claims())).toEqual(truth);
      }),
    );
  });

  it("counts changes at once, and its version only when none is missing", () => {
    const ledger = new ClaimLedger(500);
    const items = [1, 2, 3].flatMap((host) => {
      ledger.set(`192.0.2.${host}`, claim(0));
      return parts(ledger.takeChanges());
    });
    const copy = new ClaimCopy();
    for (const [i, version] of [
      [2, 0],
      [0, 1],
      [1, 3],
    ] as const) {
      const item = items[i];
      if (item !== undefined) expect(copy.apply(item)).toHaveLength(1);
      expect(copy.version).toBe(version);
    }
  });
});
