import { describe, expect, it } from "vitest";
import { KEY_HOLD_MS } from "./key-keeper.ts";
import { ControllerBench, settled } from "./testing/controller-bench.ts";
import { keyRecord } from "./testing/records.ts";

const RECORD = { current: "A", next: "", previous: "", rotationAsked: false };

function lead(key?: Parameters<typeof keyRecord>[0]): ControllerBench {
  const bench = new ControllerBench();
  bench.loop.lead();
  if (key !== undefined) {
    bench.source.tell({ type: "put", kind: "ownershipKey", record: keyRecord(key) });
  }
  bench.source.sync({ key: false });
  return bench;
}

describe("the speakers' key", () => {
  it("is made when there is none: 32 octets that differ every time", async () => {
    const [one, other] = [lead(), lead()];
    await settled();
    const [first] = one.source.keyWrites;
    expect(one.source.keyWrites).toHaveLength(1);
    expect(first).toMatchObject({ ...RECORD, current: expect.any(String) });
    expect(first?.resourceVersion).toBeUndefined();
    expect(Buffer.from(first?.current ?? "", "base64")).toHaveLength(32);
    expect(other.source.keyWrites[0]?.current).not.toBe(first?.current);
  });

  it("stays as it is, and nothing is written", async () => {
    const { source, clock } = lead({});
    clock.advance(10 * KEY_HOLD_MS);
    await settled();
    expect(source.keyWrites).toEqual([]);
  });

  it("is replaced step by step when that is asked for", async () => {
    const { source, clock } = lead({ rotationAsked: true });
    await settled();
    const next = source.keyWrites[0]?.next ?? "";
    expect(source.keyWrites).toEqual([{ ...RECORD, next, resourceVersion: "1" }]);
    source.tell({
      type: "put",
      kind: "ownershipKey",
      record: keyRecord({ next, resourceVersion: "2" }),
    });
    clock.advance(KEY_HOLD_MS - 1);
    await settled();
    expect(source.keyWrites).toHaveLength(1);
    clock.advance(1);
    await settled();
    expect(source.keyWrites[1]).toEqual({
      ...RECORD,
      current: next,
      previous: "A",
      resourceVersion: "2",
    });
  });

  it("is written again when the write failed", async () => {
    const bench = new ControllerBench();
    bench.source.answers.push(new Error("boom"));
    bench.loop.lead();
    bench.source.sync({ key: false });
    await settled();
    expect(bench.source.keyWrites).toEqual([]);
    bench.clock.advance(200);
    await settled();
    expect(bench.source.keyWrites).toHaveLength(1);
    expect(bench.logger.lines.join("\n")).toContain("could not write the speakers' key");
  });

  it("is left alone when somebody broke it, which is said", async () => {
    const bench = new ControllerBench();
    bench.loop.lead();
    const error = {
      kind: "ownershipKey",
      key: "metallb-system/ingot-ownership-key",
      field: "data.current",
      message: "must be at least 16 octets in base64",
    } as const;
    bench.source.tell({ type: "rejected", error });
    bench.source.sync({ key: false });
    await settled();
    expect(bench.source.keyWrites).toEqual([]);
    expect(bench.source.reports.at(-1)?.errors.join()).toContain("must be at least 16 octets");
  });

  it("is nobody's business who does not lead", async () => {
    const bench = new ControllerBench();
    bench.loop.follow();
    bench.source.sync({ key: false });
    await settled();
    expect(bench.source.keyWrites).toEqual([]);
  });
});
