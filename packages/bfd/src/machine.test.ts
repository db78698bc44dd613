import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BfdInput, BfdMachine, type BfdOutput } from "./machine.ts";
import { BFD_STATES, type BfdState, stateAfter } from "./state.ts";
import { Bench, benchIn, changes, fast, identity, packet, sent } from "./testing/example.ts";

/** What a machine in a state does when it hears the neighbour say another. */
const heard = (own: BfdState, said: BfdState) => changes(benchIn(own).hear({ state: said }));

describe("the state machine (RFC 5880 section 6.8.6)", () => {
  it.each<[BfdState, string[], string[], string[], string[]]>([
    // own state, AdminDown,              Down,                    Init,   Up
    ["adminDown", [], [], [], []],
    ["down", [], ["init"], ["up"], []],
    ["init", ["down"], [], ["up"], ["up"]],
    ["up", ["down neighborAdminDown"], ["down neighborDown"], [], []],
  ])("follows a packet's state when %s", (own, onAdminDown, onDown, onInit, onUp) => {
    expect(heard(own, "adminDown")).toEqual(onAdminDown);
    expect(heard(own, "down")).toEqual(onDown);
    expect(heard(own, "init")).toEqual(onInit);
    expect(heard(own, "up")).toEqual(onUp);
    for (const said of BFD_STATES) {
      const bench = benchIn(own);
      bench.hear({ state: said });
      expect(bench.machine.state).toBe(stateAfter(own, said));
    }
  });

  it.each<[BfdState, string[], string[], string[]]>([
    // own state, silence,                     told AdminDown,          told AdminUp
    ["adminDown", [], [], ["down"]],
    ["down", [], ["adminDown"], []],
    ["init", ["down"], ["adminDown"], []],
    ["up", ["down detectionTimeExpired"], ["adminDown adminDown"], []],
  ])("follows silence and the administrator when %s", (own, onSilence, onDown, onUp) => {
    const bench = benchIn(own);
    expect(changes(bench.advance(20_000).map(({ output }) => output))).toEqual(onSilence);
    expect(bench.machine.remote.discriminator).toBe(0);
    expect(changes(benchIn(own).handle({ type: "adminDown" }))).toEqual(onDown);
    expect(changes(benchIn(own).handle({ type: "adminUp" }))).toEqual(onUp);
  });

  it.each<[BfdState, string[]]>([
    ["adminDown", []],
    ["down", []],
    ["init", []],
    ["up", ["down echoFailed"]],
  ])("follows lost echo packets when %s", (own, expected) => {
    const bench = benchIn(own, { echo: true });
    const seen: BfdOutput[] = [];
    for (let i = 0; i < 10; i++) {
      seen.push(...bench.advance(20).map(({ output }) => output));
      const { state } = bench.machine;
      if (changes(seen).length === 0 && own !== "down") {
        // Control packets arrive, so that only echo packets are missing.
        seen.push(...bench.hear({ ...fast, state: state === "init" ? "down" : "up" }));
      }
    }
    expect(changes(seen)).toEqual(expected);
  });

  it.each(BFD_STATES)("stays %s whatever is no news about the path", (state) => {
    const timing = { transmitIntervalMs: 20, receiveIntervalMs: 30, detectMultiplier: 4 };
    const inputs: readonly BfdInput[] = [
      { type: "start" },
      { type: "tick" },
      { type: "configure", timing },
      { type: "echo", payload: new Uint8Array(12) },
      { type: state === "adminDown" ? "adminDown" : "adminUp" },
    ];
    for (const input of inputs) {
      const bench = benchIn(state);
      expect(changes(bench.handle(input))).toEqual([]);
      expect(bench.machine.state).toBe(state);
    }
    // Neither do the bits of a packet that says what was known.
    const said = ({ adminDown: "down", down: "up", init: "down", up: "up" } as const)[state];
    for (const bits of [{ poll: true }, { final: true }, { demand: true }]) {
      expect(changes(benchIn(state).hear({ state: said, ...fast, ...bits }))).toEqual([]);
    }
  });

  it.each<[BfdState, number]>([
    ["adminDown", 7],
    ["down", 0],
    ["init", 0],
    ["up", 0],
  ])("starts with the right diagnostic in %s", (state, diagnostic) => {
    expect(benchIn(state).machine.diagnostic).toBe(diagnostic);
  });

  it("says why it went down, until it is up again", () => {
    const bench = benchIn("up");
    bench.hear({ state: "down" });
    expect(bench.machine.diagnostic).toBe(3);
    bench.hear({ state: "down" });
    expect([bench.machine.state, bench.machine.diagnostic]).toEqual(["init", 3]);
    bench.hear({ state: "up" });
    expect([bench.machine.state, bench.machine.diagnostic]).toEqual(["up", 0]);
    bench.advance(60_000);
    expect([bench.machine.state, bench.machine.diagnostic]).toEqual(["down", 1]);
    const echo = benchIn("up", { echo: true });
    echo.advance(200);
    expect([echo.machine.state, echo.machine.diagnostic]).toEqual(["down", 2]);
  });

  it("tells what the neighbour says, and when it is not heard any more", () => {
    const bench = benchIn("init");
    const remotes = (outputs: readonly BfdOutput[]) =>
      outputs.flatMap((output) => (output.type === "remoteChanged" ? [output.state] : []));
    expect(remotes(bench.hear({ state: "up" }))).toEqual(["up"]);
    expect(remotes(bench.hear({ state: "up" }))).toEqual([]);
    expect(remotes(bench.advance(20_000).map(({ output }) => output))).toEqual(["down"]);
  });

  it("does nothing on a tick before its deadline", () => {
    for (const state of BFD_STATES) {
      const bench = benchIn(state);
      const { deadline } = bench.machine;
      bench.now = deadline - 0.001;
      expect(bench.handle({ type: "tick" })).toEqual([]);
      expect(bench.machine.deadline).toBe(deadline);
    }
  });

  it("does nothing before it is started", () => {
    const bench = new Bench();
    expect(bench.handle({ type: "tick" })).toEqual([]);
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("never throws, and plans something while up, whatever comes in whatever order", () => {
    const bits = fc.record({ poll: fc.boolean(), final: fc.boolean(), demand: fc.boolean() });
    const interval = fc.constantFrom(0, 1, 10_000, 300_000, 1_000_000, 0xffff_ffff);
    const anyPacket = fc
      .tuple(bits, fc.constantFrom(...BFD_STATES), interval, interval, interval, fc.nat(254))
      .map(([flags, state, desiredMinTxUs, requiredMinRxUs, requiredMinEchoRxUs, multiplier]) => ({
        ...packet,
        ...flags,
        state,
        desiredMinTxUs,
        requiredMinRxUs,
        requiredMinEchoRxUs,
        detectMultiplier: multiplier + 1,
      }));
    const timing = { transmitIntervalMs: 10, receiveIntervalMs: 20, detectMultiplier: 1 };
    const input: fc.Arbitrary<BfdInput> = fc.oneof(
      anyPacket.map((p) => ({ type: "packet" as const, packet: p })),
      fc.uint8Array({ maxLength: 14 }).map((payload) => ({ type: "echo" as const, payload })),
      fc.constantFrom<BfdInput>(
        { type: "start" },
        { type: "tick" },
        { type: "tick" },
        { type: "adminDown" },
        { type: "adminUp" },
        { type: "configure", timing },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(400))), fc.boolean(), (steps, echo) => {
        const machine = new BfdMachine({ echo }, identity, () => 0.5);
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          const outputs = machine.handle(next, now);
          const hasEcho = outputs.some(({ type }) => type === "sendEcho");
          if (hasEcho) expect(machine.state).toBe("up");
          for (const { poll, final, state } of sent(outputs)) {
            expect(poll && final).toBe(false);
            expect(BFD_STATES).toContain(state);
          }
          if (machine.state === "up")
            expect(machine.deadline).toBeLessThan(Number.POSITIVE_INFINITY);
          if (machine.isEchoActive) expect(machine.state).toBe("up");
        }
      }),
    );
  });
});
