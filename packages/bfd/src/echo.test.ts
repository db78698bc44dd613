import { describe, expect, it } from "vitest";
import { EchoFunction, isEchoOf } from "./echo.ts";
import { type Bench, benchIn, fast, identity } from "./testing/example.ts";

/** The payloads of the echo packets that were sent. */
const echoes = (done: ReturnType<Bench["advance"]>) =>
  done.flatMap(({ at, output }) => (output.type === "sendEcho" ? [{ at, ...output }] : []));

describe("echo (RFC 5880 sections 6.8.8 and 6.8.9)", () => {
  it("is sent at the slower of both rates while up, and control packets become rare", () => {
    const bench = benchIn("up", { echo: true, echoIntervalMs: 20 });
    expect(bench.machine.isEchoActive).toBe(true);
    bench.hear({ state: "up", ...fast, final: true });
    expect(bench.machine.detectionMs).toBe(3_000);
    const moments: number[] = [];
    while (bench.now < 1_000) {
      for (const { at, payload } of echoes(bench.advance(10))) {
        moments.push(at);
        bench.handle({ type: "echo", payload });
      }
    }
    expect(bench.machine.state).toBe("up");
    expect(moments.slice(0, 4)).toEqual([0, 50, 100, 150]);
  });

  it.each([
    ["the neighbour returns none", { echo: true }, { requiredMinEchoRxUs: 0 }],
    ["it is off", { echo: false }, {}],
  ])("is not sent when %s", (_, options, fields) => {
    const bench = benchIn("init", options);
    bench.hear({ state: "up", ...fast, ...fields });
    expect(bench.machine.isEchoActive).toBe(false);
    expect(echoes(bench.advance(500))).toEqual([]);
  });

  it("stops when the neighbour says so, and the usual patience needs its consent", () => {
    const bench = benchIn("up", { echo: true });
    bench.hear({ state: "up", ...fast, final: true });
    bench.hear({ state: "up", ...fast, requiredMinEchoRxUs: 0 });
    expect(bench.machine.isEchoActive).toBe(false);
    expect(bench.machine.detectionMs).toBe(3_000);
    bench.hear({ state: "up", ...fast, requiredMinEchoRxUs: 0, final: true });
    expect(bench.machine.detectionMs).toBe(900);
  });

  it("bears the loss of all but one of a detection time", () => {
    const bench = benchIn("up", { echo: true, detectMultiplier: 3 });
    let sent = 0;
    while (bench.now < 2_000) {
      for (const { payload } of echoes(bench.advance(5))) {
        sent += 1;
        if (sent % 3 === 0) bench.handle({ type: "echo", payload });
      }
      bench.hear({ state: "up", ...fast });
    }
    expect(bench.machine.state).toBe("up");
    const before = bench.now;
    while (bench.machine.state === "up") {
      bench.advance(1);
      bench.hear({ state: "up", ...fast });
    }
    expect(bench.now - before).toBeLessThanOrEqual(3 * 50 + 1 + 1);
  });

  it("takes only packets that are its own, new, and were sent", () => {
    const echo = new EchoFunction(identity, 50, () => 0);
    echo.run(0, 50_000, 3);
    const [first, second] = [echo.next(0, 3), echo.next(50, 3)];
    expect(isEchoOf(identity, first)).toBe(true);
    expect(isEchoOf({ ...identity, token: 1 }, first)).toBe(false);
    expect(isEchoOf({ ...identity, discriminator: 1 }, first)).toBe(false);
    expect(isEchoOf(identity, first.subarray(0, 11))).toBe(false);
    const failAt = (payload: Uint8Array, now: number) => {
      echo.returned(payload, now);
      return echo.failAt(3);
    };
    expect(failAt(second, 60)).toBe(210);
    expect(failAt(first, 70)).toBe(210);
    expect(failAt(second, 80)).toBe(210);
    const future = second.slice();
    future[11] = 9;
    expect(failAt(future, 90)).toBe(210);
    echo.stop();
    expect([echo.isActive, failAt(echo.next(100, 3), 100)]).toEqual([
      false,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
