import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { until } from "./poll.ts";

const options = { timeoutMs: 100, intervalMs: 10, what: "the answer" };

describe("until", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("returns the first value that is truthy", async () => {
    let looks = 0;
    const answer = until(() => {
      looks += 1;
      return looks === 3 ? "yes" : "";
    }, options);
    await vi.advanceTimersByTimeAsync(19);
    expect(looks).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toBe("yes");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes an exception for a no, and for the reason in the end", async () => {
    let looks = 0;
    const answer = until(async () => {
      looks += 1;
      throw new Error(`look ${looks}`);
    }, options);
    const failure = expect(answer).rejects.toThrow(
      /^timed out after 100 ms waiting for the answer; last seen: look 11$/,
    );
    await vi.advanceTimersByTimeAsync(100);
    await failure;
  });

  it("says what it saw last", async () => {
    const failure = expect(until(() => 0, options)).rejects.toThrow("last seen: 0");
    await vi.advanceTimersByTimeAsync(100);
    await failure;
  });

  it("does not wait for a look that hangs", async () => {
    const never = new Promise<boolean>(() => {});
    const failure = expect(until(() => never, options)).rejects.toThrow("last seen: nothing");
    await vi.advanceTimersByTimeAsync(100);
    await failure;
  });

  it("looks once even when there is no time", async () => {
    expect(await until(() => true, { timeoutMs: 0, what: "nothing" })).toBe(true);
  });
});
