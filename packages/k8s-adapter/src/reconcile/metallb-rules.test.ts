import { describe, expect, it } from "vitest";
import type {
  BfdProfileRecord,
  BgpAdvertisementRecord,
  BgpPeerRecord,
  CommunityRecord,
  SecretRecord,
} from "../domain.ts";
import {
  bgpAdvertisementRecord as advertisement,
  nodeRecord,
  bgpPeerRecord as peer,
  poolRecord,
} from "../testing/records.ts";
import { resolveBgp } from "./bgp-configuration.ts";
import { resolvePeers } from "./bgp-peers.ts";
import { resolvePools } from "./pools.ts";

// What MetalLB refuses because of what several objects say together; the newer one is refused here.

const lan = poolRecord("lan", ["192.0.2.0/24"]);
const six = poolRecord("six", ["2001:db8::/64"]);
const both = poolRecord("both", ["198.51.100.0/24", "2001:db8:1::/64"]);
const old = (changes: Partial<BgpAdvertisementRecord> = {}) =>
  advertisement("old", { createdMs: 1, ...changes });
const young = (changes: Partial<BgpAdvertisementRecord>) =>
  advertisement("young", { createdMs: 2, localPref: 200, ...changes });
const community = (name: string, createdMs: number, value: string): CommunityRecord => {
  const { namespace, uid, resourceVersion } = lan;
  const identity = { key: `metallb-system/${name}`, namespace, name, uid, resourceVersion };
  return { ...identity, createdMs, aliases: [{ name: "vpn", value }] };
};

describe("MetalLB's rules for pools together", () => {
  it.each([
    ["a CIDR in another pool's", ["192.0.2.128/25"], "192.0.2.128/25"],
    ["a range across another pool's end", ["192.0.2.250-192.0.3.5"], "192.0.2.250-192.0.3.5"],
  ])("no overlap: %s", (_, addresses, entry) => {
    const newer = poolRecord("new", addresses, { createdMs: 1 });
    expect(resolvePools(new Map(), [newer, lan])).toMatchObject({
      accepted: new Map([["lan", lan]]),
      rejected: [
        {
          key: "metallb-system/new",
          field: "spec.addresses[0]",
          message: `CIDR "${entry}" in pool "new" overlaps with already defined CIDR "192.0.2.0/24" of pool "lan"`,
        },
      ],
    });
  });
});

describe("MetalLB's rules for BGP advertisements together with pools and each other", () => {
  const errors = (
    advertisements: readonly BgpAdvertisementRecord[],
    communities: readonly CommunityRecord[] = [],
  ) => {
    const objects = { advertisements, communities, pools: [lan, six, both] };
    return resolveBgp(new Map(), objects).rejected.map(
      ({ key, field, message }) => `${key.split("/")[1]} ${field}: ${message}`,
    );
  };
  const clash = (pool: string) =>
    `young spec.localPref: 200 contradicts 0 of BGPAdvertisement "old" for pool "${pool}" and the same peers`;

  it.each<[string, BgpAdvertisementRecord[], string[]]>([
    [
      "no aggregate beyond an entry of the pool",
      [old({ pools: ["lan"], aggregationLength: 23 })],
      [
        'old spec.aggregationLength: 23 is too short for pool "lan": 192.0.2.0/24 is no larger than a /24, so the route would speak for addresses beyond it',
      ],
    ],
    [
      "nor one of IPv6",
      [old({ pools: ["six"], aggregationLengthV6: 63 })],
      [
        'old spec.aggregationLengthV6: 63 is too short for pool "six": 2001:db8::/64 is no larger than a /64, so the route would speak for addresses beyond it',
      ],
    ],
    ["one preference for a prefix", [old(), young({ pools: ["lan"] })], [clash("lan")]],
    [
      "one length of the path for a prefix",
      [old(), young({ pools: ["lan"], localPref: 0, asPathPrepend: 2 })],
      [
        'young spec.asPathPrepend: 2 contradicts 0 of BGPAdvertisement "old" for pool "lan" and the same peers',
      ],
    ],
    [
      "two where the lengths differ in the pool's family",
      [old({ pools: ["lan"] }), young({ pools: ["lan"], aggregationLength: 24 })],
      [],
    ],
    [
      "one where they differ in the other family alone",
      [old({ pools: ["lan"] }), young({ pools: ["lan"], aggregationLengthV6: 64 })],
      [clash("lan")],
    ],
    [
      "one where they differ in one family of two",
      [old({ pools: ["both"] }), young({ pools: ["both"], aggregationLength: 24 })],
      [clash("both")],
    ],
    [
      "two for different peers",
      [old({ pools: ["lan"], peers: ["a"] }), young({ pools: ["lan"], peers: ["b"] })],
      [],
    ],
    [
      "one for peers of which one is the same",
      [old({ pools: ["lan"], peers: ["a", "b"] }), young({ pools: ["lan"], peers: ["b"] })],
      [clash("lan")],
    ],
    ["two for different pools", [old({ pools: ["lan"] }), young({ pools: ["six"] })], []],
    [
      "an alias that there is",
      [old({ communities: ["vpn"] })],
      ['old spec.communities[0]: no Community gives the name "vpn"'],
    ],
  ])("%s", (_, advertisements, expected) => {
    expect(errors(advertisements)).toEqual(expected);
  });

  it("one meaning for a name of a community", () => {
    expect(errors([], [community("a", 2, "1:2"), community("b", 1, "1:1")])).toEqual([
      'a spec.communities[0].name: "vpn" already stands for 1:1 in another Community',
    ]);
  });
});

describe("MetalLB's rules for peers together with what they name", () => {
  const node = nodeRecord("n1", { labels: { rack: "1" } });
  const profile = (echo: boolean) =>
    new Map([["metallb-system/fast", { timing: { echo } } as BfdProfileRecord]]);
  const secret = (password: string) =>
    new Map([["metallb-system/key", { password } as SecretRecord]]);
  const errors = (
    peers: readonly BgpPeerRecord[],
    secrets: ReadonlyMap<string, SecretRecord> = new Map(),
    profiles: ReadonlyMap<string, BfdProfileRecord> = new Map(),
  ) =>
    resolvePeers(new Map(), { peers, secrets, profiles, node }).rejected.map(
      ({ key, field, message }) => `${key.split("/")[1]} ${field}: ${message}`,
    );
  const elsewhere = { matchLabels: { rack: "2" }, matchExpressions: [] };
  const second = (changes: Partial<BgpPeerRecord>) => peer("b", { createdMs: 1, ...changes });

  it("one session with a router from a node", () => {
    expect(errors([peer("a"), second({})])).toEqual([
      'b spec.peerAddress: "10.77.0.254" is the address of BGPPeer "a" already',
    ]);
    expect(errors([peer("a"), second({ nodeSelectors: [elsewhere] })])).toEqual([]);
    expect(errors([peer("a"), second({ port: 1_179 })])).toEqual([]);
    expect(errors([peer("a"), second({ vrf: "red" })])).toEqual([]);
    const cable = { address: "", interface: "eth0" };
    expect(errors([peer("a", cable), second(cable)])).toEqual([
      'b spec.interface: "eth0" is the interface of BGPPeer "a" already',
    ]);
  });

  it("a Secret of the type, with a password", () => {
    const keyed = peer("a", { passwordSecret: "key" });
    expect(errors([keyed])).toEqual([
      'a spec.passwordSecret.name: no Secret of type kubernetes.io/basic-auth in "key"',
    ]);
    expect(errors([keyed], secret(""))).toEqual([
      'a spec.passwordSecret.name: no password in "key"',
    ]);
    expect(errors([keyed], secret("x"))).toEqual([]);
  });

  it("a BFDProfile that there is, without echo for IPv6", () => {
    const watched = peer("a", { bfdProfile: "fast" });
    expect(errors([watched])).toEqual(['a spec.bfdProfile: no BFDProfile "fast"']);
    expect(errors([watched], new Map(), profile(true))).toEqual([]);
    expect(errors([{ ...watched, address: "fd00::1" }], new Map(), profile(true))).toEqual([
      'a spec.bfdProfile: BFDProfile "fast" has echoMode, which IPv6 does not have',
    ]);
  });
});
