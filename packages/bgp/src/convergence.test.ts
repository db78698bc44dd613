import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PathAttributes } from "./path-attributes.ts";
import { A, B, Pair } from "./testing/two-speakers.ts";

const SELF: PathAttributes = { origin: "igp", asPath: [], nextHop: "0.0.0.0" };

describe("two speakers", () => {
  it("converges after any sequence of mishaps", async () => {
    const step = fc.constantFrom(
      "cut",
      "heal",
      "crash",
      "stop a",
      "start a",
      "stop b",
      "start b",
      "reset a",
      "graceful b",
      "bfd up",
      "bfd down",
      "announce",
      "withdraw",
      "wait",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000),
        fc.array(fc.tuple(step, fc.nat(20_000)), { maxLength: 25 }),
        async (seed, steps) => {
          const pair = await Pair.make({
            network: { seed, segmented: true, delayMs: 50 },
            a: { holdTimeS: 9, gracefulRestart: {} },
          });
          const act: Readonly<Record<string, () => void>> = {
            cut: () => pair.network.cut(A, B),
            heal: () => pair.network.heal(A, B),
            crash: () => pair.network.crash(A),
            "stop a": () => pair.toB.stop({ text: "a" }),
            "start a": () => pair.toB.start(),
            "stop b": () => pair.toA.stop(),
            "start b": () => pair.toA.start(),
            "reset a": () => pair.toB.reset(),
            "graceful b": () => pair.toA.stop({ graceful: true }),
            "bfd up": () => pair.toB.bfd("up"),
            "bfd down": () => pair.toB.bfd("down"),
            announce: () => pair.a.announce("203.0.113.1/32", SELF),
            withdraw: () => void pair.a.withdraw("203.0.113.1/32"),
            wait: () => {},
          };
          for (const [name, waitMs] of steps) {
            act[name]?.();
            pair.clock.advance(waitMs);
          }
          pair.network.heal(A, B);
          pair.toA.start();
          pair.toB.start();
          pair.b.announce("198.51.100.0/24", SELF);
          pair.clock.advance(700_000);
          expect(pair.isUp).toBe(true);
          expect(Pair.prefixes(pair.toB)).toEqual(["198.51.100.0/24"]);
          expect(Pair.prefixes(pair.toA)).toEqual(
            Array.from(pair.a.routes.routes(), ({ prefix }) => prefix),
          );
          expect(pair.network.open).toBe(2);
        },
      ),
      { numRuns: 60 },
    );
  });
});
