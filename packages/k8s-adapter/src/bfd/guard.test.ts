import { VirtualClock } from "@ingot/testkit";
import { expect, it } from "vitest";
import type { PeerSettings } from "../reconcile/bgp-peers.ts";
import { bfdTiming } from "../testing/bfd-net.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { BfdGuard } from "./guard.ts";
import { pathKey, type WatchedPath } from "./path.ts";
import { BfdWatches } from "./watches.ts";

const settings: PeerSettings = {
  name: "router",
  localAsn: 64_512,
  peerAsn: 65_000,
  address: "192.0.2.254",
  port: 179,
  sourceAddress: "",
  holdTimeS: 90,
  keepaliveS: 0,
  connectRetryMs: 0,
  routerId: "",
  password: "",
  multiHop: false,
  gracefulRestart: false,
  dualStack: false,
  vrf: "",
  interface: "",
  bfd: bfdTiming(),
};

function setUp(changes: Partial<PeerSettings> = {}) {
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  let paths: readonly WatchedPath[] = [];
  const hand = (all: readonly WatchedPath[]) => {
    paths = all;
  };
  const watches = new BfdWatches({ clock, logger, hand });
  const told: string[] = [];
  const guard = new BfdGuard(
    { ...settings, ...changes },
    {
      watches,
      logger,
      addresses: () => [{ device: "eth0", address: "192.0.2.1", prefixLength: 24 }],
      tell: (state) => told.push(state),
    },
  );
  const watched = () => {
    clock.advance(0);
    return paths.map((path) => pathKey(path));
  };
  return { guard, logger, watches, told, watched };
}

it("watches when the local address is known, and on while it stays the same", () => {
  const { guard, watched } = setUp();
  expect(watched()).toEqual([]);
  guard.follow("192.0.2.1");
  expect(watched()).toEqual(["192.0.2.1 192.0.2.254"]);
  guard.follow("192.0.2.1");
  guard.follow("192.0.2.2");
  expect(watched()).toEqual(["192.0.2.2 192.0.2.254"]);
  guard.stop();
  expect(watched()).toEqual([]);
});

it("watches from the start when the session is bound to an address", () => {
  expect(setUp({ sourceAddress: "192.0.2.9" }).watched()).toEqual(["192.0.2.9 192.0.2.254"]);
});

it.each<[string, Partial<PeerSettings>, boolean]>([
  ["of another AS", {}, false],
  ["of another AS, far away", { address: "198.51.100.1" }, false],
  ["of another AS, several hops away", { multiHop: true }, true],
  ["of our AS", { peerAsn: 64_512 }, false],
  ["of our AS, far away", { peerAsn: "internal", address: "198.51.100.1" }, true],
])("knows how far a peer may be that is %s", (_, changes, isFar) => {
  const { guard, watched } = setUp(changes);
  guard.follow("192.0.2.1");
  expect(watched().map((key) => key.endsWith(" multihop"))).toEqual([isFar]);
});

it("tells BGP of a failure, and not of one when somebody has switched BFD off", () => {
  const { guard, watches, told, logger, watched } = setUp();
  guard.follow("192.0.2.1");
  const [key = ""] = watched();
  for (const state of ["up", "failed", "up", "off"] as const) {
    watches.report({ key, state, reason: state === "up" ? "" : "because" });
  }
  expect(told).toEqual(["up", "down", "up", "admin-down"]);
  expect(logger.lines.map((line) => line.split(" {")[0])).toEqual([
    "info BFD session is up",
    "warn BFD session has failed",
    "info BFD session is up",
    "info BFD session is off",
  ]);
});

it("begins, changes and ends with the profile while the session is up", () => {
  const { guard, watches, told, watched } = setUp({ bfd: undefined });
  guard.follow("192.0.2.1");
  expect(watched()).toEqual([]);
  guard.setTiming(bfdTiming());
  const [key = ""] = watched();
  watches.report({ key, state: "up", reason: "" });
  guard.setTiming(bfdTiming({ detectMultiplier: 5 }));
  expect(watched()).toEqual([key]);
  guard.setTiming(undefined);
  expect(watched()).toEqual([]);
  expect(told).toEqual(["up", "admin-down"]);
});
