import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { convert } from "./convert.ts";

const CONFIG = `
peers:
- my-asn: 64512
  peer-asn: 65000
  peer-address: 10.0.0.1
  source-address: 10.0.0.2
  peer-port: 1179
  keepalive-time: 10s
  router-id: 10.0.0.2
  password: secret
  bfd-profile: Fast_One
  ebgp-multihop: true
  node-selectors:
  - match-labels: {rack: r1}
    match-expressions:
    - {key: role, operator: In, values: [edge, core]}
- {my-asn: 64512, peer-asn: 64512, peer-address: "2001:db8::1", hold-time: 30s}
address-pools:
- name: 1_Public_Pool
  protocol: bgp
  addresses: [198.51.100.0/24, "2001:db8:1::/120"]
  avoid-buggy-ips: true
  bgp-advertisements:
  - {aggregation-length: 24, aggregation-length-v6: 120, localpref: 100, communities: [no-adv]}
  - communities: ["65000:1"]
- {name: plain, protocol: bgp, addresses: [203.0.113.0/24]}
- {name: lan, protocol: layer2, addresses: [192.0.2.1-192.0.2.9], auto-assign: false}
bgp-communities: {no-adv: "65535:65282", backup: "65000:2"}
bfd-profiles:
- name: Fast_One
  receive-interval: 100
  transmit-interval: 110
  detect-multiplier: 4
  echo-interval: 60
  echo-mode: true
  passive-mode: false
  minimum-ttl: 250
`;

const CONFIG_MAP = `
apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: lb-system}
data:
  config: |
${CONFIG.replaceAll(/^/gm, "    ")}
`;

function converted(text: string, namespace?: string): unknown[] {
  const conversion = convert(text, namespace);
  if (!conversion.ok) throw new Error(conversion.message);
  return parseAllDocuments(conversion.yaml).map((document): unknown => document.toJS());
}

function refused(text: string): string {
  const conversion = convert(text, undefined);
  return conversion.ok ? "" : conversion.message;
}

const object = (kind: string, name: string, spec: object, version = "v1beta1") => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name, namespace: "lb-system" },
  spec,
});

describe("convert", () => {
  it("turns every key of the old ConfigMap into its field, in MetalLB's order", () => {
    expect(converted(CONFIG_MAP)).toEqual([
      object(
        "BGPPeer",
        "peer1",
        {
          myASN: 64_512,
          peerASN: 65_000,
          peerAddress: "10.0.0.1",
          sourceAddress: "10.0.0.2",
          peerPort: 1_179,
          holdTime: "90s",
          keepaliveTime: "10s",
          routerID: "10.0.0.2",
          nodeSelectors: [
            {
              matchLabels: { rack: "r1" },
              matchExpressions: [{ key: "role", operator: "In", values: ["edge", "core"] }],
            },
          ],
          password: "secret",
          bfdProfile: "fast-one",
          ebgpMultiHop: true,
        },
        "v1beta2",
      ),
      object(
        "BGPPeer",
        "peer2",
        { myASN: 64_512, peerASN: 64_512, peerAddress: "2001:db8::1", holdTime: "30s" },
        "v1beta2",
      ),
      object("IPAddressPool", "public-pool", {
        addresses: ["198.51.100.0/24", "2001:db8:1::/120"],
        avoidBuggyIPs: true,
      }),
      object("IPAddressPool", "plain", { addresses: ["203.0.113.0/24"] }),
      object("IPAddressPool", "lan", { addresses: ["192.0.2.1-192.0.2.9"], autoAssign: false }),
      object("BGPAdvertisement", "bgpadvertisement1", {
        aggregationLength: 24,
        aggregationLengthV6: 120,
        localPref: 100,
        communities: ["no-adv"],
        ipAddressPools: ["public-pool"],
      }),
      object("BGPAdvertisement", "bgpadvertisement2", {
        communities: ["65000:1"],
        ipAddressPools: ["public-pool"],
      }),
      object("BGPAdvertisement", "bgpadvertisement3", { ipAddressPools: ["plain"] }),
      object("L2Advertisement", "l2advertisement1", { ipAddressPools: ["lan"] }),
      object("BFDProfile", "fast-one", {
        receiveInterval: 100,
        transmitInterval: 110,
        detectMultiplier: 4,
        echoInterval: 60,
        echoMode: true,
        passiveMode: false,
        minimumTtl: 250,
      }),
      object("Community", "communities", {
        communities: [
          { name: "backup", value: "65000:2" },
          { name: "no-adv", value: "65535:65282" },
        ],
      }),
    ]);
  });

  it("takes the configuration without its ConfigMap, and puts it where it is told", () => {
    expect(converted(CONFIG)).toHaveLength(11);
    expect(converted(CONFIG)[0]).toMatchObject({ metadata: { namespace: "metallb-system" } });
    expect(converted(CONFIG_MAP, "else")[0]).toMatchObject({ metadata: { namespace: "else" } });
  });

  it("makes no object of nothing", () => {
    expect(convert("{}", undefined)).toEqual({ ok: true, yaml: "# Made by ingot convert.\n" });
    expect(converted("")).toEqual([]);
  });

  const pool = (text: string) => `address-pools: [{name: a, protocol: layer2, ${text}}]`;

  it.each([
    ["a: [", /^the file is not YAML: /],
    [
      "kind: Service",
      'the file must be a ConfigMap with a key config, or what is under it, got "Service"',
    ],
    ["kind: ConfigMap\ndata: {config: 'a: ['}", /^data\.config is not YAML: /],
    ["5", "the configuration must be an object, got 5"],
    [
      pool("addresses: [10.0.0.0/24], pool: x"),
      "address-pools.0.pool is not a key that MetalLB knows",
    ],
    [pool("addresses: 5"), "address-pools[0].addresses must be a list, got 5"],
    [
      "address-pools: [{name: a, protocol: arp, addresses: []}]",
      'address-pools[0].protocol must be "bgp" or "layer2", got "arp"',
    ],
    ["peers: [{my-asn: 1, peer-asn: 2}]", "peers[0].peer-address is required"],
    [
      "peers: [{my-asn: 1, peer-asn: 2, peer-address: router}]",
      'peers[0] cannot be converted: spec.peerAddress must be an IP address, got "router"',
    ],
    [
      pool("addresses: [10.0.0.1]"),
      /^address-pools\[0\] cannot be converted: spec\.addresses\[0\] invalid CIDR "10\.0\.0\.1"/,
    ],
    [
      "address-pools: [{name: '42', protocol: bgp, addresses: [10.0.0.0/24]}]",
      'address-pools[0].name must have a letter that the name of an object can begin with, got "42"',
    ],
    [
      "address-pools: [{name: a_b, protocol: layer2, addresses: [10.0.0.0/24]}, {name: a-b, protocol: layer2, addresses: [10.0.1.0/24]}]",
      "address-pools[1] and address-pools[0] would both be IPAddressPool a-b",
    ],
    [
      "address-pools: [{name: a, protocol: layer2, addresses: [10.0.0.0/24]}, {name: b, protocol: layer2, addresses: [10.0.0.9/32]}]",
      /^CIDR "10\.0\.0\.9\/32" in pool "b" overlaps/,
    ],
  ])("refuses %j, and says which key", (text, message) => {
    if (typeof message === "string") expect(refused(text)).toBe(message);
    else expect(refused(text)).toMatch(message);
  });
});
