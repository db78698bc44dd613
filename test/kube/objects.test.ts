import { Cluster } from "@ingot/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEPLOY } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const PLURALS = {
  IPAddressPool: "ipaddresspools",
  L2Advertisement: "l2advertisements",
  BGPAdvertisement: "bgpadvertisements",
  BGPPeer: "bgppeers",
  BFDProfile: "bfdprofiles",
  Community: "communities",
} as const;
type Kind = keyof typeof PLURALS;

const zone = { matchLabels: { zone: "a" } };
const racks = { matchExpressions: [{ key: "rack", operator: "In", values: ["1", "2"] }] };
const peer = { myASN: 64_512, peerASN: 64_513, peerAddress: "10.0.0.1" };
const { peerASN: _, ...unnumbered } = { ...peer, interface: "eth0", peerAddress: undefined };

/** Every field of every kind, and the short forms that MetalLB's users write. */
const ACCEPTED: readonly (readonly [Kind, object | undefined])[] = [
  ["IPAddressPool", { addresses: ["192.0.2.0/24"] }],
  [
    "IPAddressPool",
    {
      addresses: ["192.0.2.10/24", "198.51.100.1 - 198.51.100.9", "2001:db8::/64", "::1-::f"],
      autoAssign: false,
      avoidBuggyIPs: true,
      serviceAllocation: {
        priority: -1,
        namespaces: ["a", "b"],
        namespaceSelectors: [zone, racks],
        serviceSelectors: [zone],
      },
    },
  ],
  ["L2Advertisement", undefined],
  ["L2Advertisement", {}],
  [
    "L2Advertisement",
    {
      ipAddressPools: ["a"],
      ipAddressPoolSelectors: [zone],
      nodeSelectors: [racks],
      interfaces: ["eth0"],
      serviceSelectors: [zone],
      preferredNodeSelectors: [{ weight: 100, preference: racks }],
    },
  ],
  ["BGPAdvertisement", undefined],
  [
    "BGPAdvertisement",
    {
      aggregationLength: 24,
      aggregationLengthV6: 64,
      localPref: 4_294_967_295,
      communities: ["65000:1", "large:65000:1:2", "vpn"],
      ipAddressPools: ["a"],
      ipAddressPoolSelectors: [zone],
      nodeSelectors: [racks],
      peers: ["tor"],
      asPathPrepend: 10,
    },
  ],
  ["BGPAdvertisement", { serviceSelectors: [zone], aggregationLength: 32 }],
  ["BGPPeer", peer],
  [
    "BGPPeer",
    {
      ...peer,
      localASN: 4_294_967_295,
      sourceAddress: "10.0.0.2",
      peerPort: 1_179,
      holdTime: "1m30s",
      keepaliveTime: "30s",
      connectTime: "10s",
      routerID: "10.0.0.2",
      nodeSelectors: [zone],
      passwordSecret: { name: "key", namespace: "elsewhere" },
      bfdProfile: "fast",
      enableGracefulRestart: true,
      ebgpMultiHop: true,
      vrf: "red",
      disableMP: true,
      dualStackAddressFamily: true,
    },
  ],
  ["BGPPeer", { ...unnumbered, dynamicASN: "external", holdTime: "0s", keepaliveTime: "0s" }],
  ["BFDProfile", undefined],
  [
    "BFDProfile",
    {
      receiveInterval: 10,
      transmitInterval: 60_000,
      detectMultiplier: 255,
      echoInterval: 50,
      echoMode: true,
      passiveMode: true,
      minimumTtl: 254,
    },
  ],
  [
    "Community",
    {
      communities: [
        { name: "a", value: "65000:1" },
        { name: "b", value: "large:4294967295:1:2" },
      ],
    },
  ],
];

/** What MetalLB's webhooks refuse and one object alone shows. */
const REFUSED: readonly (readonly [Kind, object | undefined, RegExp])[] = [
  ["IPAddressPool", undefined, /spec: Required value/],
  ["IPAddressPool", {}, /spec\.addresses: Required value/],
  ["IPAddressPool", { addresses: [] }, /spec\.addresses.*at least 1/],
  ["IPAddressPool", { addresses: ["192.0.2.1"] }, /must be a CIDR or start-end; a single/],
  ["IPAddressPool", { addresses: ["lan"] }, /must be a CIDR or start-end/],
  ["IPAddressPool", { addresses: ["192.0.2.1-lan"] }, /must be a CIDR or start-end/],
  [
    "IPAddressPool",
    { addresses: ["192.0.2.0/24"], serviceAllocation: { namespaces: ["a", "a"] } },
    /namespaces\[1\]: Duplicate value: "a"/,
  ],
  ["L2Advertisement", { ipAddressPools: ["a", "a"] }, /ipAddressPools\[1\]: Duplicate value: "a"/],
  [
    "L2Advertisement",
    { nodeSelectors: [{ matchExpressions: [{ key: "a", operator: "In" }] }] },
    /In and NotIn need values/,
  ],
  [
    "L2Advertisement",
    { preferredNodeSelectors: [{ weight: 0, preference: zone }] },
    /weight.*greater than or equal to 1/,
  ],
  ["L2Advertisement", { preferredNodeSelectors: [{ weight: 1 }] }, /preference: Required value/],
  ["BGPAdvertisement", { aggregationLength: 33 }, /aggregationLength.*less than or equal to 32/],
  ["BGPAdvertisement", { aggregationLengthV6: 129 }, /aggregationLengthV6.*than or equal to 128/],
  ["BGPAdvertisement", { asPathPrepend: 11 }, /asPathPrepend.*less than or equal to 10/],
  ["BGPAdvertisement", { peers: ["a", "a"] }, /peers\[1\]: Duplicate value: "a"/],
  ["BGPAdvertisement", { communities: ["1:1", "1:1"] }, /communities\[1\]: Duplicate value/],
  [
    "BGPAdvertisement",
    { serviceSelectors: [zone], aggregationLength: 24 },
    /serviceSelectors cannot be used with an aggregationLength/,
  ],
  ["BGPPeer", { ...peer, myASN: 0 }, /myASN.*greater than or equal to 1/],
  ["BGPPeer", { ...peer, peerASN: undefined }, /exactly one of peerASN and dynamicASN/],
  ["BGPPeer", { ...peer, dynamicASN: "external" }, /exactly one of peerASN and dynamicASN/],
  ["BGPPeer", { ...peer, dynamicASN: "any" }, /dynamicASN: Unsupported value: "any"/],
  ["BGPPeer", { ...peer, peerAddress: undefined }, /exactly one of peerAddress and interface/],
  ["BGPPeer", { ...peer, interface: "eth0" }, /exactly one of peerAddress and interface/],
  ["BGPPeer", { ...peer, peerAddress: "router" }, /peerAddress.*must be an IP address/],
  ["BGPPeer", { ...peer, sourceAddress: "eth0" }, /sourceAddress.*must be an IP address/],
  ["BGPPeer", { ...peer, routerID: "fd00::1" }, /routerID.*must be an IPv4 address/],
  ["BGPPeer", { ...peer, peerPort: 16_385 }, /peerPort.*less than or equal to 16384/],
  ["BGPPeer", { ...peer, localASN: 0 }, /localASN.*greater than or equal to 1/],
  ["BGPPeer", { ...peer, holdTime: "90" }, /holdTime.*must be a duration such as 90s/],
  ["BGPPeer", { ...peer, holdTime: "2s" }, /holdTime.*must be 0s, or from 3s/],
  [
    "BGPPeer",
    { ...peer, holdTime: "9s", keepaliveTime: "10s" },
    /keepaliveTime must be at most holdTime/,
  ],
  ["BGPPeer", { ...peer, connectTime: "1500ms" }, /connectTime.*must be whole seconds/],
  ["BGPPeer", { ...peer, connectTime: "0s" }, /connectTime.*must be whole seconds/],
  [
    "BGPPeer",
    { ...peer, password: "x", passwordSecret: { name: "key" } },
    /password and passwordSecret exclude each other/,
  ],
  ["BGPPeer", { ...peer, peerASN: 64_512, ebgpMultiHop: true }, /ebgpMultiHop must not be true/],
  ["BFDProfile", { receiveInterval: 9 }, /receiveInterval.*greater than or equal to 10/],
  ["BFDProfile", { transmitInterval: 60_001 }, /transmitInterval.*than or equal to 60000/],
  ["BFDProfile", { detectMultiplier: 1 }, /detectMultiplier.*greater than or equal to 2/],
  ["BFDProfile", { echoInterval: 5 }, /echoInterval.*greater than or equal to 10/],
  ["BFDProfile", { minimumTtl: 255 }, /minimumTtl.*less than or equal to 254/],
  [
    "Community",
    { communities: [{ name: "a", value: "65000:1:2" }] },
    /must be a community such as 65000:100/,
  ],
];

suite("MetalLB's objects at a real API server", ["netns", "testbed"], () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 1 });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
  });

  afterAll(() => cluster?.close());

  const collection = (kind: Kind, version: string) =>
    `/apis/metallb.io/${version}/namespaces/metallb-system/${PLURALS[kind]}`;
  const send = (kind: Kind, spec: object | undefined, version: string, name: string, query = "") =>
    cluster.api.create<Stored>(`${collection(kind, version)}${query}`, {
      apiVersion: `metallb.io/${version}`,
      kind,
      metadata: { name },
      ...(spec === undefined ? {} : { spec }),
    });
  const versionOf = (kind: Kind) => (kind === "BGPPeer" ? "v1beta2" : "v1beta1");
  const STRICT = "?dryRun=All&fieldValidation=Strict";

  it.each(ACCEPTED)("%s is taken as MetalLB takes it: %j", async (kind, spec) => {
    const { spec: stored } = await send(kind, spec, versionOf(kind), "x", STRICT);
    if (spec !== undefined) expect(stored).toMatchObject(JSON.parse(JSON.stringify(spec)));
  });

  it.each(ACCEPTED)("%s can be applied server-side: %j", async (kind, spec) => {
    const version = versionOf(kind);
    await cluster.api.apply(`${collection(kind, version)}/applied`, {
      apiVersion: `metallb.io/${version}`,
      kind,
      metadata: { name: "applied" },
      ...(spec === undefined ? {} : { spec }),
    });
    await cluster.api.delete(`${collection(kind, version)}/applied`);
  });

  it.each(REFUSED)("%s is refused without a webhook: %j", async (kind, spec, message) => {
    await expect(send(kind, spec, versionOf(kind), "x", STRICT)).rejects.toThrow(message);
  });

  describe("a BGPPeer of the older version", () => {
    it("is stored as the newer one, and read as either", async () => {
      await send("BGPPeer", { ...peer, holdTime: "30s" }, "v1beta1", "older");
      const read = (version: string) =>
        cluster.api.get<Stored>(`${collection("BGPPeer", version)}/older`);
      expect((await read("v1beta2")).spec).toEqual({ ...peer, holdTime: "30s", peerPort: 179 });
      expect((await read("v1beta1")).spec).toMatchObject({ ...peer, holdTime: "30s" });
    });

    it("says that it is deprecated, and is held to the same rules", async () => {
      const manifest = `{ apiVersion: metallb.io/v1beta1, kind: BGPPeer, metadata: { name: x, namespace: metallb-system }, spec: { myASN: 1, peerASN: 2, peerAddress: 10.0.0.1 } }`;
      const { stderr } = await cluster.kubectl(["create", "--dry-run=server", "-f", "-"], {
        input: manifest,
      });
      expect(stderr).toMatch(/BGPPeer v1beta1 is deprecated, please use v1beta2/);
      const bad = { ...peer, holdTime: "2s" };
      await expect(send("BGPPeer", bad, "v1beta1", "x", STRICT)).rejects.toThrow(/must be 0s/);
      const { peerAddress: __, ...nowhere } = peer;
      await expect(send("BGPPeer", nowhere, "v1beta1", "x", STRICT)).rejects.toThrow(
        /peerAddress: Required value/,
      );
    });

    it("does not show what only the newer one has, and loses it when it is written back", async () => {
      await send("BGPPeer", { ...peer, connectTime: "5s" }, "v1beta2", "newer");
      const path = (version: string) => `${collection("BGPPeer", version)}/newer`;
      const seen = await cluster.api.get<Stored>(path("v1beta1"));
      expect(seen.spec).not.toHaveProperty("connectTime");
      await cluster.api.replace(path("v1beta1"), seen);
      const after = await cluster.api.get<Stored>(path("v1beta2"));
      expect(after.spec).not.toHaveProperty("connectTime");
    });
  });

  it("kubectl shows MetalLB's columns", async () => {
    for (const [kind, spec] of ACCEPTED) await send(kind, spec, versionOf(kind), unique());
    const head = async (plural: string) => {
      const args = ["-n", "metallb-system", "get", plural, "-o", "wide"];
      return (await cluster.kubectl(args)).stdout.split("\n")[0]?.split(/ {2,}/).slice(1);
    };
    expect(await head("ipaddresspools")).toEqual(["AUTO ASSIGN", "AVOID BUGGY IPS", "ADDRESSES"]);
    expect(await head("l2advertisements")).toEqual([
      "IPADDRESSPOOLS",
      "IPADDRESSPOOL SELECTORS",
      "INTERFACES",
      "NODE SELECTORS",
    ]);
    expect(await head("bgpadvertisements")).toEqual([
      "IPADDRESSPOOLS",
      "IPADDRESSPOOL SELECTORS",
      "PEERS",
      "NODE SELECTORS",
    ]);
    expect(await head("bgppeers")).toEqual(["ADDRESS", "ASN", "BFD PROFILE", "MULTI HOPS"]);
    expect(await head("bfdprofiles")).toEqual([
      "PASSIVE MODE",
      "TRANSMIT INTERVAL",
      "RECEIVE INTERVAL",
      "MULTIPLIER",
    ]);
  });

  let count = 0;
  const unique = () => `sample-${++count}`;
});

interface Stored {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: object;
}
