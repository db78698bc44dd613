import { VirtualClock } from "@ingot/testkit";
import { expect, it } from "vitest";
import { BfdNet, bfdTiming } from "../testing/bfd-net.ts";
import { BfdKeeper } from "./keeper.ts";
import { pathKey, type WatchedPath } from "./path.ts";

const LOCAL = "192.0.2.1";
const path = (number: number, changed: Partial<WatchedPath> = {}): WatchedPath => ({
  localAddress: LOCAL,
  remoteAddress: `192.0.2.${number}`,
  multiHop: false,
  timing: bfdTiming({ transmitIntervalMs: 50, receiveIntervalMs: 50 }),
  ...changed,
});

function setUp() {
  const clock = new VirtualClock();
  const net = new BfdNet(clock);
  const told: string[] = [];
  const speaker = net.speaker();
  const keeper = new BfdKeeper({
    open: (options) => speaker.open(options),
    clock,
    changed: ({ key, state, reason }) => told.push(`${key} ${state} ${reason}`.trim()),
    failed: ({ error }: { error?: string }, message) => told.push(`${message}: ${error}`),
  });
  const router = net.speaker();
  const answer = (number: number, multihop = false) =>
    router.open({
      localAddress: `192.0.2.${number}`,
      remoteAddress: LOCAL,
      ...(multihop ? { multihop, minTtl: 1 } : {}),
    });
  const sinceLast = () => told.splice(0);
  return { clock, net, keeper, speaker, answer, sinceLast };
}

it("says that a path is up, and that it failed", () => {
  const { clock, net, keeper, answer, sinceLast } = setUp();
  answer(7);
  keeper.setPaths([path(7), path(8)]);
  clock.advance(5_000);
  expect(sinceLast()).toEqual([`${pathKey(path(7))} up`]);
  net.silent.add("192.0.2.7");
  clock.advance(5_000);
  expect(sinceLast()).toEqual([`${pathKey(path(7))} failed nothing heard for the detection time`]);
  net.silent.clear();
  clock.advance(5_000);
  expect(sinceLast()).toEqual([`${pathKey(path(7))} up`]);
  expect(keeper.counters()).toMatchObject([
    { key: pathKey(path(7)), ups: 2, downs: 1 },
    { key: pathKey(path(8)), ups: 0, controlReceived: 0 },
  ]);
});

it("does not take it for a failure when the peer switches BFD off", () => {
  const { clock, keeper, answer, sinceLast } = setUp();
  const other = answer(7);
  keeper.setPaths([path(7)]);
  clock.advance(5_000);
  sinceLast();
  other.disable();
  clock.advance(5_000);
  expect(sinceLast()).toEqual([`${pathKey(path(7))} off the peer has switched it off`]);
});

it("leaves sessions alone when others come, change and go", () => {
  const { clock, keeper, speaker, answer, sinceLast } = setUp();
  answer(7);
  answer(8);
  keeper.setPaths([path(7), path(8)]);
  clock.advance(5_000);
  const [before] = speaker.sessions;
  sinceLast();
  keeper.setPaths([path(9), path(7), path(8, { timing: bfdTiming({ passive: true }) })]);
  keeper.setPaths([path(7)]);
  clock.advance(5_000);
  expect(speaker.sessions).toEqual([before]);
  expect(before?.counters).toMatchObject({ ups: 1, downs: 0 });
  expect(sinceLast()).toEqual([`${pathKey(path(8))} off configuration changed`]);
});

it("agrees on new intervals without a flap", () => {
  const { clock, keeper, speaker, answer, sinceLast } = setUp();
  const other = answer(7);
  keeper.setPaths([path(7)]);
  clock.advance(5_000);
  const [before] = speaker.sessions;
  const timing = bfdTiming({ transmitIntervalMs: 400, receiveIntervalMs: 500 });
  keeper.setPaths([path(7, { timing })]);
  clock.advance(5_000);
  expect(speaker.sessions).toEqual([before]);
  expect(other.transmitIntervalMs).toBe(500);
  expect(other.counters).toMatchObject({ ups: 1, downs: 0 });
  expect(sinceLast()).toEqual([`${pathKey(path(7))} up`]);
});

it("takes leave of the peers when it is closed", () => {
  const { clock, keeper, speaker, answer } = setUp();
  const other = answer(7);
  keeper.setPaths([path(7)]);
  clock.advance(5_000);
  const losses: unknown[] = [];
  other.on("down", (loss) => losses.push(loss));
  keeper.close();
  clock.advance(5_000);
  expect(losses).toEqual([{ reason: "neighborAdminDown", isFailure: false }]);
  expect(speaker.sessions).toEqual([]);
});

it("tries again each second while an address is missing, and says so once", () => {
  const { clock, net, keeper, answer, sinceLast } = setUp();
  answer(7);
  net.missing.add(LOCAL);
  keeper.setPaths([path(7)]);
  clock.advance(10_000);
  expect(sinceLast()).toEqual(["no BFD session yet, will try again: address not available"]);
  net.missing.clear();
  clock.advance(5_000);
  expect(sinceLast()).toEqual([`${pathKey(path(7))} up`]);
  keeper.close();
});

it("refuses another minimum TTL at one local address until the first is gone", () => {
  const { clock, keeper, answer, sinceLast } = setUp();
  answer(7, true);
  answer(8, true);
  const far = (number: number, minTtl: number) =>
    path(number, { multiHop: true, timing: bfdTiming({ minTtl }) });
  keeper.setPaths([far(7, 254), far(8, 250)]);
  clock.advance(3_000);
  expect(sinceLast()).toEqual([
    "no BFD session yet, will try again: " +
      "minTtl must be 254, as in other sessions of 192.0.2.1, got 250",
    `${pathKey(far(7, 254))} up`,
  ]);
  keeper.setPaths([far(7, 250), far(8, 250)]);
  clock.advance(3_000);
  expect(sinceLast()).toEqual([
    `${pathKey(far(7, 254))} off configuration changed`,
    `${pathKey(far(7, 254))} up`,
    `${pathKey(far(8, 250))} up`,
  ]);
});
