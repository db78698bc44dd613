import { describe, expect, it } from "vitest";
import { Bench, benchIn, fast, sent } from "./testing/example.ts";

/** The moments at which packets were sent. */
const sendings = (done: ReturnType<Bench["advance"]>) =>
  done.filter(({ output }) => output.type === "send").map(({ at }) => at);

describe("sending (RFC 5880 sections 6.8.3 and 6.8.7)", () => {
  it("starts at once, and goes on once a second until up, whatever is configured", () => {
    const bench = new Bench({ transmitIntervalMs: 10 });
    const [first] = sent(bench.handle({ type: "start" }));
    expect(first).toMatchObject({ state: "down", desiredMinTxUs: 1_000_000, yourDiscriminator: 0 });
    expect(sendings(bench.advance(3_000))).toEqual([1_000, 2_000, 3_000]);
  });

  it("keeps to a slower rate than that, if it is configured", () => {
    const bench = new Bench({ transmitIntervalMs: 5_000 });
    bench.handle({ type: "start" });
    expect(sendings(bench.advance(10_000))).toEqual([5_000, 10_000]);
  });

  it("follows the slower of its own rate and the neighbour's patience once up", () => {
    for (const [requiredMinRxUs, interval] of [
      [50_000, 100],
      [100_000, 100],
      [400_000, 400],
    ] as const) {
      const bench = benchIn("init", { transmitIntervalMs: 100 });
      bench.hear({ state: "up", ...fast, requiredMinRxUs });
      expect(bench.machine.transmitIntervalMs).toBe(interval);
      const first = bench.machine.deadline;
      expect(sendings(bench.advance(first + interval - bench.now))).toEqual([
        first,
        first + interval,
      ]);
    }
  });

  it("sends nothing to a neighbour that wants nothing, and resumes when it does", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, requiredMinRxUs: 0 });
    expect(sendings(bench.advance(800))).toEqual([]);
    bench.hear({ state: "up", ...fast, requiredMinRxUs: 300_000 });
    expect(sendings(bench.advance(300))).toEqual([1_100]);
  });

  it("tells news at once", () => {
    const bench = benchIn("init");
    bench.now = 5;
    const [news, ...others] = sent(bench.hear({ state: "init" }));
    expect(news).toMatchObject({ state: "up", poll: true, desiredMinTxUs: 300_000 });
    expect(others).toEqual([]);
  });

  it("is silent in the passive role until it is spoken to, and again when all is lost", () => {
    const bench = new Bench({ passive: true });
    expect(sent(bench.handle({ type: "start" }))).toEqual([]);
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
    const [answer] = sent(bench.hear({ state: "down" }));
    expect(answer).toMatchObject({ state: "init", yourDiscriminator: 0x99 });
    const moments = sendings(bench.advance(20_000));
    // A detection time of 3 s and a turn; with the failure itself nobody is known any more.
    expect(Math.max(...moments)).toBeLessThan(3_001);
    expect([bench.machine.state, bench.machine.deadline]).toEqual([
      "down",
      Number.POSITIVE_INFINITY,
    ]);
  });

  it("stops while the neighbour is in demand mode and both are up, but answers and polls", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, demand: true, final: true });
    expect(sendings(bench.advance(500))).toEqual([]);
    const [answer] = sent(bench.hear({ state: "up", ...fast, demand: true, poll: true }));
    expect(answer).toMatchObject({ state: "up", final: true, poll: false });
    const timing = { transmitIntervalMs: 200, receiveIntervalMs: 300, detectMultiplier: 3 };
    const [question] = sent(bench.handle({ type: "configure", timing }));
    expect(question).toMatchObject({ poll: true, desiredMinTxUs: 200_000 });
    expect(sendings(bench.advance(450))).toHaveLength(1);
    bench.hear({ state: "up", ...fast, demand: true, final: true });
    expect(sendings(bench.advance(500))).toEqual([]);
    bench.hear({ state: "up", ...fast });
    expect(sendings(bench.advance(500)).length).toBeGreaterThan(0);
  });

  it("says that it is switched off for as long as it is, once a second", () => {
    const bench = benchIn("up");
    const [news] = sent(bench.handle({ type: "adminDown" }));
    expect(news).toMatchObject({ state: "adminDown", diagnostic: 7, desiredMinTxUs: 1_000_000 });
    expect(sendings(bench.advance(3_000))).toHaveLength(3);
  });

  it("says what it is told to of itself", () => {
    const bench = new Bench({ controlPlaneIndependent: true, echoReceiveIntervalMs: 20 });
    const [first] = sent(bench.handle({ type: "start" }));
    expect(first).toMatchObject({ controlPlaneIndependent: true, requiredMinEchoRxUs: 20_000 });
    const [plain] = sent(new Bench().handle({ type: "start" }));
    expect(plain).toMatchObject({ controlPlaneIndependent: false, requiredMinEchoRxUs: 0 });
  });
});

describe("a poll (RFC 5880 section 6.5)", () => {
  it("is answered at once, in every state but AdminDown", () => {
    for (const state of ["down", "init", "up"] as const) {
      const said = state === "up" ? "up" : "down";
      const answers = sent(benchIn(state).hear({ state: said, poll: true }));
      expect(answers.filter(({ final, poll }) => final && !poll)).toHaveLength(1);
    }
    expect(sent(benchIn("adminDown").hear({ poll: true }))).not.toContainEqual(
      expect.objectContaining({ final: true }),
    );
  });

  it("goes on in every packet until it is answered, and slower sending waits for that", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, final: true });
    const timing = { transmitIntervalMs: 900, receiveIntervalMs: 300, detectMultiplier: 3 };
    const [question] = sent(bench.handle({ type: "configure", timing }));
    expect(question).toMatchObject({ poll: true, desiredMinTxUs: 900_000 });
    expect(bench.machine.transmitIntervalMs).toBe(300);
    const repeated = sent(bench.advance(900).map(({ output }) => output)).map(({ poll }) => poll);
    expect(repeated).toEqual([true, true, true]);
    bench.hear({ state: "up", ...fast, final: true });
    expect(bench.machine.transmitIntervalMs).toBe(900);
    const [next] = sent(bench.advance(900).map(({ output }) => output));
    expect(next).toMatchObject({ poll: false });
  });

  it("holds back a shorter patience, and grants a longer one at once", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, desiredMinTxUs: 10_000, final: true });
    expect(bench.machine.detectionMs).toBe(900);
    const timing = { transmitIntervalMs: 300, detectMultiplier: 3 };
    bench.handle({ type: "configure", timing: { ...timing, receiveIntervalMs: 100 } });
    expect(bench.machine.detectionMs).toBe(900);
    bench.hear({ state: "up", ...fast, desiredMinTxUs: 10_000, final: true });
    expect(bench.machine.detectionMs).toBe(300);
    bench.handle({ type: "configure", timing: { ...timing, receiveIntervalMs: 500 } });
    expect(bench.machine.detectionMs).toBe(1_500);
  });

  it("asks nobody while nobody is known", () => {
    const bench = benchIn("up");
    const done = bench.advance(10_000).map(({ output }) => output);
    const down = sent(done).filter(({ state }) => state === "down");
    expect(down.length).toBeGreaterThan(3);
    expect(down.every(({ poll, yourDiscriminator }) => !poll && yourDiscriminator === 0)).toBe(
      true,
    );
  });
});

describe("detection (RFC 5880 section 6.8.4)", () => {
  it.each([
    // the neighbour's: multiplier, rate; ours: patience; theirs wait for
    [3, 300_000, 300, 900],
    [5, 300_000, 300, 1_500],
    [3, 50_000, 300, 900],
    [3, 700_000, 300, 2_100],
    [1, 50_000, 50, 50],
  ])("is multiplier %i times the slower of %i us and %i ms", (multiplier, us, ms, expected) => {
    const bench = benchIn("init", { receiveIntervalMs: ms });
    bench.hear({ state: "up", desiredMinTxUs: us, detectMultiplier: multiplier });
    expect(bench.machine.detectionMs).toBe(expected);
    const [lost] = bench.advance(10_000).filter(({ output }) => output.type === "changed");
    expect(lost?.at).toBe(expected + 1);
  });

  it("grants a turn to packets that wait, however late the timer comes", () => {
    const bench = benchIn("up");
    bench.now = 5_000;
    const late = bench.handle({ type: "tick" });
    expect(late.some(({ type }) => type === "changed")).toBe(false);
    expect(bench.machine.deadline).toBe(5_001);
    bench.hear({ state: "up", ...fast });
    bench.now = 5_001;
    bench.handle({ type: "tick" });
    expect(bench.machine.state).toBe("up");
    bench.advance(2_000);
    expect(bench.machine.state).toBe("down");
  });

  it("forgets all about a neighbour that is silent, so that a new one can come", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, requiredMinRxUs: 60_000_000, demand: true });
    bench.advance(1_000);
    expect(bench.machine.state).toBe("down");
    expect(bench.machine.transmitIntervalMs).toBe(1_000);
    expect(sendings(bench.advance(3_000))).toHaveLength(3);
  });
});
