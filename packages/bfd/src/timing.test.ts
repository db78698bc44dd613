import { describe, expect, it } from "vitest";
import { Timing } from "./timing.ts";

const slow = { desiredMinTxUs: 1_000, requiredMinRxUs: 1_000 };
const fast = { desiredMinTxUs: 100, requiredMinRxUs: 100 };

describe("timing (RFC 5880 section 6.8.3)", () => {
  it("changes at once while not up, and polls", () => {
    const timing = new Timing(slow);
    expect(timing.isPolling).toBe(false);
    timing.want(fast, false);
    expect([timing.advertised, timing.effective, timing.isPolling]).toEqual([fast, fast, true]);
    timing.confirm(false);
    expect(timing.isPolling).toBe(false);
  });

  it("holds back a slower rate and a shorter patience until the neighbour knows", () => {
    const timing = new Timing({ desiredMinTxUs: 100, requiredMinRxUs: 1_000 });
    const wanted = { desiredMinTxUs: 500, requiredMinRxUs: 300 };
    timing.want(wanted, true);
    expect(timing.advertised).toEqual(wanted);
    expect(timing.effective).toEqual({ desiredMinTxUs: 100, requiredMinRxUs: 1_000 });
    timing.confirm(true);
    expect(timing.effective).toEqual(wanted);
  });

  it("takes up a faster rate and a longer patience at once", () => {
    const timing = new Timing({ desiredMinTxUs: 500, requiredMinRxUs: 300 });
    const wanted = { desiredMinTxUs: 100, requiredMinRxUs: 1_000 };
    timing.want(wanted, true);
    expect([timing.effective, timing.isPolling]).toEqual([wanted, true]);
  });

  it("asks for one change at a time, and then for the latest", () => {
    const timing = new Timing(slow);
    timing.want(fast, true);
    timing.want({ desiredMinTxUs: 200, requiredMinRxUs: 200 }, true);
    timing.want({ desiredMinTxUs: 300, requiredMinRxUs: 300 }, true);
    expect(timing.advertised).toEqual(fast);
    timing.confirm(true);
    expect(timing.advertised).toEqual({ desiredMinTxUs: 300, requiredMinRxUs: 300 });
    expect(timing.effective).toEqual({ desiredMinTxUs: 100, requiredMinRxUs: 300 });
    expect(timing.isPolling).toBe(true);
    timing.confirm(true);
    expect([timing.effective, timing.isPolling]).toEqual([timing.advertised, false]);
  });

  it("is not moved by what it wants already, or by a confirmation nobody asked for", () => {
    const timing = new Timing(slow);
    timing.want({ ...slow }, true);
    timing.confirm(true);
    expect([timing.advertised, timing.effective, timing.isPolling]).toEqual([slow, slow, false]);
  });
});
