import { encodeAttribute, encodeAttributes, encodeMpReachHeader } from "../src/attributes.ts";
import { KEEPALIVE } from "../src/keepalive.ts";
import type { Capability } from "../src/message.ts";
import { encodeNotification, hardReset, shutdownData } from "../src/notification.ts";
import { encodeOpen } from "../src/open.ts";
import type { PathAttributes } from "../src/path-attributes.ts";
import { encodePrefix } from "../src/prefix.ts";
import { encodeRouteRefresh } from "../src/route-refresh.ts";
import { encodeEndOfRib, encodeUpdate } from "../src/update.ts";

/** Whole messages of every kind, to be mutated. */
export function makeCorpus(): Uint8Array[] {
  return [KEEPALIVE, ...opens(), ...notifications(), ...refreshes(), ...updates()];
}

const v4 = { afi: 1, safi: 1 };
const v6 = { afi: 2, safi: 1 };
const OURS = { fourOctetAs: true, internal: true, afi: 1 };

function opens(): Uint8Array[] {
  const capabilities: Capability[] = [
    { type: "multiprotocol", ...v4 },
    { type: "multiprotocol", ...v6 },
    { type: "route-refresh" },
    { type: "extended-message" },
    { type: "four-octet-as", asn: 4_200_000_001 },
    { type: "role", role: 3 },
    { type: "extended-next-hop", families: [{ ...v4, nextHopAfi: 2 }] },
    {
      type: "graceful-restart",
      restarting: true,
      notification: true,
      restartTimeS: 120,
      families: [{ ...v4, forwarding: true }],
    },
    {
      type: "long-lived-graceful-restart",
      families: [{ ...v4, forwarding: true, staleTimeS: 3600 }],
    },
    { type: "add-path", families: [{ ...v4, mode: 3 }] },
  ];
  const large: Capability = { type: "other", code: 200, bytes: new Uint8Array(250) };
  return [[], capabilities, [...capabilities, large]].map((list) =>
    encodeOpen({
      type: "open",
      version: 4,
      asn: 23_456,
      holdTimeS: 90,
      routerId: "192.0.2.1",
      capabilities: list,
    }),
  );
}

function notifications(): Uint8Array[] {
  const shutdown = {
    type: "notification",
    code: 6,
    subcode: 2,
    data: shutdownData("bye, Größe 🚧"),
  } as const;
  return [shutdown, hardReset(shutdown)].map(encodeNotification);
}

function refreshes(): Uint8Array[] {
  return [0, 1, 2].map((subtype) => encodeRouteRefresh({ type: "route-refresh", ...v6, subtype }));
}

function updates(): Uint8Array[] {
  const route: PathAttributes = {
    origin: "egp",
    asPath: [
      { type: "sequence", asns: [65_001, 4_200_000_001] },
      { type: "set", asns: [1, 2] },
    ],
    nextHop: "192.0.2.1",
    multiExitDisc: 5,
    localPref: 200,
    atomicAggregate: true,
    aggregator: { asn: 4_200_000_001, address: "192.0.2.9" },
    communities: [0xfde9_0064],
    extendedCommunities: [Uint8Array.of(0, 2, 0xfd, 0xe9, 0, 0, 0, 100)],
    ipv6ExtendedCommunities: [new Uint8Array(20)],
    largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }],
    originatorId: "192.0.2.7",
    clusterList: ["192.0.2.8"],
    onlyToCustomer: 65_001,
    others: [{ type: 99, flags: 0xd0, value: Uint8Array.of(1, 2, 3) }],
  };
  const announced = join(["0.0.0.0/0", "10.0.0.0/9", "192.0.2.1/32"].map(encodePrefix));
  const classic = [true, false].flatMap((fourOctetAs) =>
    [true, false].map((internal) =>
      encodeUpdate({
        withdrawn: announced,
        attributes: encodeAttributes(route, { fourOctetAs, internal, afi: 1 }),
        announced,
      }),
    ),
  );
  const many = Array.from({ length: 700 }, (_, i) => encodePrefix(`10.${i >> 8}.${i & 0xff}.1/32`));
  const head = encodeMpReachHeader(2, 1, "2001:db8::1", "fe80::1");
  const nlri = join(["::/0", "2001:db8::/33", "2001:db8::1/128"].map(encodePrefix));
  const reach = encodeAttribute({ type: 14, flags: 0x80, value: join([head, nlri]) });
  const unreach = encodeAttribute({
    type: 15,
    flags: 0x90,
    value: join([Uint8Array.of(0, 2, 1), nlri]),
  });
  const rest = encodeAttributes(
    { ...route, nextHop: "2001:db8::1" },
    { fourOctetAs: true, internal: true, afi: 2 },
  );
  return [
    ...classic,
    encodeUpdate({ attributes: join([reach, unreach, rest]) }),
    encodeUpdate({ attributes: encodeAttributes(route, OURS), announced: join(many) }),
    encodeEndOfRib(v4),
    encodeEndOfRib(v6),
  ];
}

/** Octets one after the other. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
