import type { BgpTransport } from "@ingot/bgp";
import { VirtualClock } from "@ingot/testkit";
import { expect, it } from "vitest";
import { BfdWatches } from "../bfd/watches.ts";
import { type PeerSettings, resolvePeers } from "../reconcile/bgp-peers.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { bgpPeerRecord, nodeRecord } from "../testing/records.ts";
import { BgpSessions } from "./sessions.ts";

function setUp() {
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  const dialled: string[] = [];
  const results: { failed(reason: string): void }[] = [];
  const transport: BgpTransport = {
    dial: ({ address, device = "" }, result) => {
      dialled.push(`${address}%${device}`);
      results.push(result);
      return () => {};
    },
    listen: () => Promise.reject(new Error("nobody listens")),
  };
  let hear: (address: string) => void = () => {};
  const sessions = new BgpSessions({
    ...{ node: "n1", transport, clock, logger, addresses: () => [] },
    watches: new BfdWatches({ clock, logger, hand: () => {} }),
    find: (_, found) => {
      hear = found;
      return () => {};
    },
  });
  const peers = () => sessions.measure().map(({ peer }) => peer);
  return { sessions, logger, dialled, results, peers, hear: (address: string) => hear(address) };
}

function settings(changes: Parameters<typeof bgpPeerRecord>[1]): PeerSettings {
  const peers = [bgpPeerRecord("tor", changes)];
  const objects = { peers, secrets: new Map(), profiles: new Map(), node: nodeRecord("n1") };
  const found = resolvePeers(new Map(), objects).peers.get("tor");
  if (found === undefined) throw new Error("not accepted");
  return found;
}

it("binds a session to the device of its VRF, and says why there is none without it", () => {
  const { sessions, logger, dialled, results, peers } = setUp();
  sessions.open(settings({ vrf: "red" }), () => false);
  expect(dialled).toEqual(["10.77.0.254%red"]);
  expect(peers()).toEqual(["10.77.0.254:179"]);
  results[0]?.failed("device red: no such device");
  expect(logger.lines.join()).toMatch(/no BGP session yet.*device red: no such device/);
});

it("has none with an interface until the router at its other end is heard", async () => {
  const { sessions, dialled, peers, hear } = setUp();
  const session = sessions.open(settings({ address: "", interface: "eth0" }), () => false);
  expect(dialled).toEqual([]);
  expect(peers()).toEqual(["eth0:179"]);
  hear("fe80::b");
  expect(dialled).toEqual(["fe80::b%eth0"]);
  await session.stop("over", false);
  expect(peers()).toEqual([]);
});
