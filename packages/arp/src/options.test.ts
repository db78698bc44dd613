import { describe, expect, it } from "vitest";
import { TokenBucket } from "./bucket.ts";
import { type AnnouncerOptions, checkProbeMode, complete, type ProbeMode } from "./options.ts";

describe("announcer options", () => {
  it("default to MetalLB's schedule and RFC 5227's constants (its section 1.1)", () => {
    expect(complete({})).toEqual({
      gratuitousIntervalMs: 1_100,
      gratuitousForMs: 5_000,
      refreshMs: 0,
      checkMs: 0,
      probe: "off",
      probeCount: 3, // PROBE_NUM
      probeWaitMs: 1_000, // PROBE_WAIT
      probeMinMs: 1_000, // PROBE_MIN
      probeMaxMs: 2_000, // PROBE_MAX
      announceWaitMs: 2_000, // ANNOUNCE_WAIT
      defend: "always",
      defendIntervalMs: 10_000, // DEFEND_INTERVAL
      retryMs: 30_000,
      framesPerSecond: 500,
      frameBurst: 50,
      bucket: expect.any(TokenBucket),
    });
  });

  it("let a burst be a tenth of a second's frames, or one round", () => {
    expect(complete({ framesPerSecond: 10_000 }).frameBurst).toBe(1_000);
    expect(complete({ framesPerSecond: 5 }).frameBurst).toBe(2);
    expect(complete({ framesPerSecond: 5, frameBurst: 9 }).frameBurst).toBe(9);
  });

  it("take a bucket that is given for what it is", () => {
    const bucket = new TokenBucket(7, 3);
    expect(complete({ bucket }).bucket).toBe(bucket);
  });

  it.each<[AnnouncerOptions, string]>([
    [{ gratuitousIntervalMs: 0 }, "gratuitousIntervalMs must be from 1 to 3600000, got 0"],
    [
      { gratuitousIntervalMs: Number.NaN },
      "gratuitousIntervalMs must be from 1 to 3600000, got NaN",
    ],
    [{ gratuitousForMs: -1 }, "gratuitousForMs must be from 0 to 3600000, got -1"],
    [{ gratuitousForMs: 3_600_001 }, "gratuitousForMs must be from 0 to 3600000, got 3600001"],
    [{ refreshMs: 86_400_001 }, "refreshMs must be from 0 to 86400000, got 86400001"],
    [{ checkMs: -1 }, "checkMs must be from 0 to 3600000, got -1"],
    [{ probe: "twice" as ProbeMode }, "probe must be one of off, first, optimistic, got twice"],
    [{ probeCount: 0 }, "probeCount must be a whole number from 1 to 10, got 0"],
    [{ probeCount: 1.5 }, "probeCount must be a whole number from 1 to 10, got 1.5"],
    [{ probeWaitMs: -1 }, "probeWaitMs must be from 0 to 60000, got -1"],
    [{ probeMinMs: 60_001 }, "probeMinMs must be from 0 to 60000, got 60001"],
    [{ probeMinMs: 3_000 }, "probeMaxMs must be from 3000 to 60000, got 2000"],
    [{ announceWaitMs: -1 }, "announceWaitMs must be from 0 to 60000, got -1"],
    [{ defend: "yes" as "once" }, "defend must be one of never, once, always, report, got yes"],
    [{ defendIntervalMs: 0 }, "defendIntervalMs must be from 1 to 3600000, got 0"],
    [{ retryMs: 0 }, "retryMs must be from 1 to 3600000, got 0"],
    [{ framesPerSecond: 0.5 }, "framesPerSecond must be from 1 to 1000000, got 0.5"],
    [{ frameBurst: 1 }, "frameBurst must be from 2 to 1000000, got 1"],
  ])("refuse %j", (options, message) => {
    expect(() => complete(options)).toThrow(new RangeError(message));
  });

  it("refuse an announcement's own probe mode as the option", () => {
    expect(() => checkProbeMode("optimistic")).not.toThrow();
    expect(() => checkProbeMode("on" as ProbeMode)).toThrow(
      new RangeError("probe must be one of off, first, optimistic, got on"),
    );
  });
});
