import { describe, expect, it } from "vitest";
import type { OwnershipKeyRecord } from "../domain.ts";
import { keyRecord } from "../testing/records.ts";
import { type KeyChange, KeyRotation } from "./key-rotation.ts";

const HOLD_MS = 60_000;

function rotation(): KeyRotation {
  let made = 0;
  return new KeyRotation(HOLD_MS, () => `fresh${++made}`);
}

/** The record after a change was written. */
function after({ step, resourceVersion, ...keys }: KeyChange): OwnershipKeyRecord {
  return keyRecord({ ...keys, resourceVersion: `${Number(resourceVersion ?? 0) + 1}` });
}

describe("the rotation of the ownership key", () => {
  it("does nothing before it is known whether there is one", () => {
    const machine = rotation();
    expect(machine.handle({ type: "tick" }, 1e9)).toBeUndefined();
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ["none", undefined, 0, { step: "made", current: "fresh1", resourceVersion: undefined }],
    ["rest", {}, Number.POSITIVE_INFINITY, undefined],
    ["asked", { rotationAsked: true }, 0, { step: "announced", current: "A", next: "fresh1" }],
    ["next", { next: "B" }, HOLD_MS, { step: "replaced", current: "B", previous: "A" }],
    [
      "next and previous, as nobody but a person leaves it",
      { next: "B", previous: "Z" },
      HOLD_MS,
      { step: "replaced", current: "B", next: "", previous: "A" },
    ],
    ["previous", { previous: "Z" }, HOLD_MS, { step: "finished", current: "A", previous: "" }],
  ])("%s", (_, changes, waitMs, expected) => {
    const machine = rotation();
    const record = changes && keyRecord(changes);
    const first = machine.handle({ type: "key", record }, 1_000);
    if (waitMs === 0) expect(first).toMatchObject(expected ?? {});
    else expect(first).toBeUndefined();
    expect(machine.deadline).toBe(1_000 + waitMs);
    if (waitMs === HOLD_MS) {
      expect(machine.handle({ type: "tick" }, 1_000 + waitMs - 1)).toBeUndefined();
      expect(machine.handle({ type: "tick" }, 1_000 + waitMs)).toMatchObject(expected ?? {});
    }
  });

  it("goes from one key to another in three writes, and at every moment all have one in common", () => {
    const machine = rotation();
    let now = 0;
    let record = keyRecord({ rotationAsked: true });
    const steps: string[] = [];
    let accepted = [record.current];
    let change = machine.handle({ type: "key", record }, now);
    while (change !== undefined) {
      steps.push(change.step);
      record = after(change);
      // Whoever has not heard of this step yet accepts what seals after it, and the other way round.
      expect(accepted).toContain(record.current);
      accepted = [record.current, record.next, record.previous].filter((key) => key !== "");
      change = machine.handle({ type: "key", record }, now);
      if (change === undefined && machine.deadline < Number.POSITIVE_INFINITY) {
        now = machine.deadline;
        change = machine.handle({ type: "tick" }, now);
      }
    }
    expect(steps).toEqual(["announced", "replaced", "finished"]);
    expect(record).toMatchObject({ current: "fresh1", next: "", previous: "" });
    expect(now).toBe(2 * HOLD_MS);
  });

  it("keeps a request that comes in the middle of a rotation, and serves it afterwards", () => {
    const machine = rotation();
    const record = keyRecord({ previous: "Z", rotationAsked: true });
    expect(machine.handle({ type: "key", record }, 0)).toBeUndefined();
    const change = machine.handle({ type: "tick" }, HOLD_MS);
    expect(change).toMatchObject({ step: "finished", rotationAsked: true });
    const next = machine.handle(
      { type: "key", record: keyRecord({ rotationAsked: true }) },
      HOLD_MS,
    );
    expect(next).toMatchObject({ step: "announced" });
  });

  it("begins the hold anew with every step, but not with a change that is none", () => {
    const machine = rotation();
    machine.handle({ type: "key", record: keyRecord({ next: "B" }) }, 0);
    machine.handle({ type: "key", record: keyRecord({ next: "B", resourceVersion: "2" }) }, 30_000);
    expect(machine.deadline).toBe(HOLD_MS);
    machine.handle({ type: "key", record: keyRecord({ next: "C" }) }, 40_000);
    expect(machine.deadline).toBe(40_000 + HOLD_MS);
  });
});
