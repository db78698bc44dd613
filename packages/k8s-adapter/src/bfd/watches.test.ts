import { VirtualClock } from "@ingot/testkit";
import { expect, it } from "vitest";
import { bfdTiming } from "../testing/bfd-net.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { pathKey, type WatchedPath } from "./path.ts";
import { BfdWatches } from "./watches.ts";

const path = { localAddress: "192.0.2.1", remoteAddress: "192.0.2.7", multiHop: false };
const key = pathKey(path);

function setUp() {
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  const handed: (readonly WatchedPath[])[] = [];
  const watches = new BfdWatches({ clock, logger, hand: (paths) => handed.push(paths) });
  const told: string[] = [];
  const watch = (name: string, timing = bfdTiming()) =>
    watches.watch(path, timing, (state, reason) => told.push(`${name} ${state} ${reason}`.trim()));
  return { clock, logger, handed, watches, told, watch };
}

it("hands over what is wanted, at once for all that change together", () => {
  const { clock, handed, watch } = setUp();
  const first = watch("a");
  expect(handed).toEqual([]);
  clock.advance(0);
  expect(handed.splice(0)).toEqual([[{ ...path, timing: bfdTiming() }]]);
  first.stop();
  const second = watch("b", bfdTiming({ detectMultiplier: 5 }));
  clock.advance(0);
  expect(handed.splice(0)).toEqual([[{ ...path, timing: bfdTiming({ detectMultiplier: 5 }) }]]);
  second.setTiming(bfdTiming({ passive: true }));
  clock.advance(0);
  expect(handed.splice(0)).toEqual([[{ ...path, timing: bfdTiming({ passive: true }) }]]);
  second.stop();
  clock.advance(0);
  expect(handed).toEqual([[]]);
});

it("tells everyone who wants a path, and those who come late that it is up", () => {
  const { watches, told, watch } = setUp();
  watch("a");
  watches.report({ key, state: "up", reason: "" });
  watch("b");
  watches.report({ key: "another", state: "failed", reason: "broken" });
  watches.report({ key, state: "failed", reason: "broken" });
  watch("c");
  expect(told).toEqual(["a up", "b up", "a failed broken", "b failed broken"]);
});

it("tells nobody who has stopped", () => {
  const { watches, told, watch } = setUp();
  watch("a").stop();
  watches.report({ key, state: "up", reason: "" });
  expect(told).toEqual([]);
});

it("does not take the loss of the dataplane for a failure of a path", () => {
  const { watches, told, watch } = setUp();
  watch("a");
  watches.lost();
  watches.report({ key, state: "up", reason: "" });
  watches.lost();
  watches.report({ key, state: "up", reason: "" });
  expect(told).toEqual(["a up", "a off the dataplane worker has ended", "a up"]);
});

it("lets the first of two settle how a path is watched, and warns of the other", () => {
  const { clock, logger, handed, watch } = setUp();
  const first = watch("a");
  watch("b", bfdTiming({ detectMultiplier: 5 }));
  clock.advance(0);
  expect(handed.splice(0)).toEqual([[{ ...path, timing: bfdTiming() }]]);
  expect(logger.lines).toEqual([
    expect.stringMatching(/^warn two BGPPeers at one address differ in their BFDProfiles/),
  ]);
  first.stop();
  clock.advance(0);
  expect(handed).toEqual([[{ ...path, timing: bfdTiming({ detectMultiplier: 5 }) }]]);
});

it("measures every path", () => {
  const { watches, watch } = setUp();
  watch("a");
  const counters = {
    key,
    controlReceived: 5,
    controlSent: 6,
    echoReceived: 0,
    echoSent: 0,
    ups: 1,
    downs: 0,
  };
  expect(watches.measure()).toEqual([{ key, peer: "192.0.2.7", isUp: false }]);
  watches.report({ key, state: "up", reason: "" });
  watches.count([counters, { ...counters, key: "another" }]);
  expect(watches.measure()).toEqual([{ key, peer: "192.0.2.7", isUp: true, counters }]);
});
