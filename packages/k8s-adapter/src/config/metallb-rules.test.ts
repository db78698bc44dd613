import { describe, expect, it } from "vitest";
import type { Kind } from "../domain.ts";
import { project } from "./project.ts";

// Every reason for which MetalLB refuses an object by what it says itself, kind by kind, field by
// field. What several objects show together: reconcile/metallb-rules.test.ts.

type Rule = readonly [rule: string, spec: object | undefined, field: string, message: string];

const pool = (change: object) => ({ addresses: ["192.0.2.0/24"], ...change });
const reserved = (change: object) => pool({ serviceAllocation: change });
const peer = (change: object) => ({
  myASN: 64_512,
  peerASN: 64_513,
  peerAddress: "10.0.0.1",
  ...change,
});
const a = { matchLabels: { a: "1" } };
const inValues = (...values: string[]) => ({
  matchExpressions: [{ key: "a", operator: "In", values }],
});
const repeats = (text: string) => `must not repeat a selector, got ${text} as in entry 0`;

/** The selectors of a list have the same rules wherever the list is. */
const selectorRules = (field: string, within: (selectors: object[]) => object): Rule[] => [
  [`${field}: no selector twice`, within([a, a]), `${field}[1]`, repeats("{a=1}")],
  [
    `${field}: nor in another order of its values`,
    within([inValues("1", "2"), inValues("2", "1")]),
    `${field}[1]`,
    repeats("{a In (1,2)}"),
  ],
  [
    `${field}: no value twice`,
    within([inValues("1", "1")]),
    `${field}[0].matchExpressions[0].values[1]`,
    'must not repeat a value, got "1" twice',
  ],
  [
    `${field}: no expression twice`,
    within([
      {
        matchExpressions: [
          { key: "a", operator: "Exists" },
          { key: "a", operator: "Exists" },
        ],
      },
    ]),
    `${field}[0].matchExpressions[1]`,
    "must not repeat an expression, got {a Exists ()} as in entry 0",
  ],
  [
    `${field}: an operator that there is`,
    within([{ matchExpressions: [{ key: "a", operator: "Near" }] }]),
    `${field}[0].matchExpressions[0].operator`,
    'must be "In" or "NotIn" or "Exists" or "DoesNotExist", got "Near"',
  ],
  [
    `${field}: values for In`,
    within([inValues()]),
    `${field}[0].matchExpressions[0].values`,
    "must not be empty with operator In",
  ],
];

const RULES: Readonly<Partial<Record<Kind, readonly Rule[]>>> = {
  pool: [
    ["addresses is required", {}, "spec.addresses", "is required"],
    ["at least one", { addresses: [] }, "spec.addresses", "must not be empty, got a list"],
    [
      "no single address",
      { addresses: ["192.0.2.1"] },
      "spec.addresses[0]",
      'invalid CIDR "192.0.2.1": write a single address as 192.0.2.1/32',
    ],
    ["a CIDR", { addresses: ["lan/24"] }, "spec.addresses[0]", 'invalid CIDR "lan/24"'],
    [
      "a length of the family",
      { addresses: ["192.0.2.0/33"] },
      "spec.addresses[0]",
      'invalid CIDR "192.0.2.0/33": the prefix length must be 0 to 32, got "33"',
    ],
    [
      "a start",
      { addresses: ["lan-192.0.2.9"] },
      "spec.addresses[0]",
      'invalid IP range "lan-192.0.2.9": invalid start IP "lan"',
    ],
    [
      "an end",
      { addresses: ["192.0.2.1-lan"] },
      "spec.addresses[0]",
      'invalid IP range "192.0.2.1-lan": invalid end IP "lan"',
    ],
    [
      "the start before the end",
      { addresses: ["192.0.2.9-192.0.2.1"] },
      "spec.addresses[0]",
      'invalid IP range "192.0.2.9-192.0.2.1": start IP "192.0.2.9" is after the end IP "192.0.2.1"',
    ],
    [
      "ends of one family",
      { addresses: ["192.0.2.1-2001:db8::1"] },
      "spec.addresses[0]",
      'invalid IP range "192.0.2.1-2001:db8::1": start IP "192.0.2.1" is IPv4, end IP "2001:db8::1" is IPv6',
    ],
    [
      "no overlap within the pool",
      { addresses: ["192.0.2.0/24", "192.0.2.9/32"] },
      "spec.addresses[1]",
      'CIDR "192.0.2.9/32" in pool "x" overlaps with already defined CIDR "192.0.2.0/24"',
    ],
    [
      "no namespace twice",
      reserved({ namespaces: ["a", "a"] }),
      "spec.serviceAllocation.namespaces[1]",
      'must not repeat a namespace, got "a" twice',
    ],
    ...selectorRules("spec.serviceAllocation.namespaceSelectors", (selectors) =>
      reserved({ namespaceSelectors: selectors }),
    ),
    ...selectorRules("spec.serviceAllocation.serviceSelectors", (selectors) =>
      reserved({ serviceSelectors: selectors }),
    ),
  ],
  l2Advertisement: [
    [
      "no pool twice",
      { ipAddressPools: ["a", "a"] },
      "spec.ipAddressPools[1]",
      'must not repeat a pool, got "a" twice',
    ],
    ...["ipAddressPoolSelectors", "nodeSelectors", "serviceSelectors"].flatMap((field) =>
      selectorRules(`spec.${field}`, (selectors) => ({ [field]: selectors })),
    ),
    [
      "a weight of 1 to 100",
      { preferredNodeSelectors: [{ weight: 101, preference: a }] },
      "spec.preferredNodeSelectors[0].weight",
      "must be at most 100, got 101",
    ],
    [
      "a preference",
      { preferredNodeSelectors: [{ weight: 1 }] },
      "spec.preferredNodeSelectors[0].preference",
      "is required",
    ],
  ],
  bgpAdvertisement: [
    [
      "aggregationLength from 1",
      { aggregationLength: 0 },
      "spec.aggregationLength",
      "must be at least 1, got 0",
    ],
    [
      "aggregationLength to 32",
      { aggregationLength: 33 },
      "spec.aggregationLength",
      "must be at most 32, got 33",
    ],
    [
      "aggregationLengthV6 to 128",
      { aggregationLengthV6: 129 },
      "spec.aggregationLengthV6",
      "must be at most 128, got 129",
    ],
    [
      "localPref of 32 bits",
      { localPref: 4_294_967_296 },
      "spec.localPref",
      "must be at most 4294967295, got 4294967296",
    ],
    [
      "asPathPrepend to 10",
      { asPathPrepend: 11 },
      "spec.asPathPrepend",
      "must be at most 10, got 11",
    ],
    [
      "a community of two halves",
      { communities: ["1:70000"] },
      "spec.communities[0]",
      'must be a community such as 65000:100 or large:65000:1:2, or the name of one, got "1:70000"',
    ],
    [
      "a large community with its mark",
      { communities: ["1:2:3"] },
      "spec.communities[0]",
      'must be a community such as 65000:100 or large:65000:1:2, or the name of one, got "1:2:3"',
    ],
    [
      "no community twice",
      { communities: ["a", "a"] },
      "spec.communities[1]",
      'must not repeat a community, got "a" twice',
    ],
    [
      "no pool twice",
      { ipAddressPools: ["a", "a"] },
      "spec.ipAddressPools[1]",
      'must not repeat a pool, got "a" twice',
    ],
    [
      "no peer twice",
      { peers: ["a", "a"] },
      "spec.peers[1]",
      'must not repeat a peer, got "a" twice',
    ],
    ...["ipAddressPoolSelectors", "nodeSelectors", "serviceSelectors"].flatMap((field) =>
      selectorRules(`spec.${field}`, (selectors) => ({ [field]: selectors })),
    ),
    ...["aggregationLength", "aggregationLengthV6"].map(
      (field): Rule => [
        `serviceSelectors without ${field}`,
        { serviceSelectors: [a], [field]: 24 },
        "spec.serviceSelectors",
        "cannot be used with an aggregationLength below 32, or an aggregationLengthV6 below 128",
      ],
    ),
  ],
  bfdProfile: (
    [
      ["receiveInterval", 10, 60_000],
      ["transmitInterval", 10, 60_000],
      ["echoInterval", 10, 60_000],
      ["detectMultiplier", 2, 255],
      ["minimumTtl", 1, 254],
    ] as const
  ).flatMap(([field, least, most]): Rule[] => [
    [
      `${field} from ${least}`,
      { [field]: least - 1 },
      `spec.${field}`,
      `must be at least ${least}, got ${least - 1}`,
    ],
    [
      `${field} to ${most}`,
      { [field]: most + 1 },
      `spec.${field}`,
      `must be at most ${most}, got ${most + 1}`,
    ],
  ]),
  community: ["1:2:3", "70000:1", "large:1:2", "large:4294967296:1:1", "vpn"].map(
    (value): Rule => [
      `not ${value}`,
      { communities: [{ name: "a", value }] },
      "spec.communities[0].value",
      `must be a community such as 65000:100 or large:65000:1:2, got "${value}"`,
    ],
  ),
  bgpPeer: [
    ["myASN is required", { peerASN: 1, peerAddress: "::1" }, "spec.myASN", "is required"],
    ...selectorRules("spec.nodeSelectors", (selectors) => peer({ nodeSelectors: selectors })),
  ],
};

describe.each(Object.entries(RULES))("MetalLB's rules for one object: %s", (kind, rules) => {
  it.each(rules)("%s", (_, spec, field, message) => {
    const metadata = { name: "x", namespace: "metallb-system" };
    expect(project(kind as Kind, { metadata, spec })).toEqual({
      ok: false,
      error: { kind, key: "metallb-system/x", field, message },
    });
  });
});
