import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const profile = (spec?: object) =>
  project("bfdProfile", {
    metadata: { name: "fast", namespace: "metallb-system" },
    ...(spec === undefined ? {} : { spec }),
  });

describe("BFDProfile", () => {
  it("has FRR's defaults", () => {
    expect(profile()).toMatchObject({
      record: {
        timing: {
          receiveIntervalMs: 300,
          transmitIntervalMs: 300,
          detectMultiplier: 3,
          echoIntervalMs: 50,
          echo: false,
          passive: false,
          minTtl: 254,
        },
      },
    });
  });

  it("keeps all its fields", () => {
    const spec = {
      receiveInterval: 10,
      transmitInterval: 60_000,
      detectMultiplier: 255,
      echoInterval: 20,
      echoMode: true,
      passiveMode: true,
      minimumTtl: 1,
    };
    expect(profile(spec)).toMatchObject({
      record: {
        timing: {
          receiveIntervalMs: 10,
          transmitIntervalMs: 60_000,
          detectMultiplier: 255,
          echoIntervalMs: 20,
          echo: true,
          passive: true,
          minTtl: 1,
        },
      },
    });
  });

  it.each([
    [{ receiveInterval: 9 }, "spec.receiveInterval", "must be at least 10, got 9"],
    [{ transmitInterval: 60_001 }, "spec.transmitInterval", "must be at most 60000, got 60001"],
    [{ detectMultiplier: 1 }, "spec.detectMultiplier", "must be at least 2, got 1"],
    [{ minimumTtl: 255 }, "spec.minimumTtl", "must be at most 254, got 255"],
  ])("refuses %j", (spec, field, message) => {
    expect(profile(spec)).toMatchObject({ error: { field, message } });
  });
});
