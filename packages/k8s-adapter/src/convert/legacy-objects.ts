import type { JsonObject } from "../config/json.ts";
import type {
  LegacyAdvertisement,
  LegacyConfiguration,
  LegacyPeer,
  LegacyPool,
  LegacyProfile,
} from "./legacy-configuration.ts";
import { objectName } from "./object-name.ts";

/** An object made from a part of the configuration, and which part: `peers[0]`. */
export interface MadeObject {
  readonly from: string;
  readonly object: JsonObject;
}

/**
 * The objects that say what the configuration says, in the order, and under the names, of MetalLB's
 * own converter.
 *
 * @throws {RangeError} when a name has nothing that a name of an object could be made of.
 */
export function objectsOf(
  configuration: LegacyConfiguration,
  namespace: string,
): readonly MadeObject[] {
  const make = (from: string, kind: string, name: string, spec: object): MadeObject => ({
    from,
    object: {
      apiVersion: `metallb.io/${kind === "BGPPeer" ? "v1beta2" : "v1beta1"}`,
      kind,
      metadata: { name, namespace },
      spec: withoutUnset(spec),
    },
  });
  const pools = (configuration["address-pools"] ?? []).map((pool, index) => ({
    pool,
    from: `address-pools[${index}]`,
    name: objectName(pool.name, `address-pools[${index}].name`),
  }));
  let routed = 0;
  let announced = 0;
  return [
    ...(configuration.peers ?? []).map((peer, index) =>
      make(`peers[${index}]`, "BGPPeer", `peer${index + 1}`, peerSpec(peer)),
    ),
    ...pools.map(({ pool, from, name }) =>
      make(from, "IPAddressPool", name, {
        addresses: pool.addresses,
        autoAssign: pool["auto-assign"],
        avoidBuggyIPs: pool["avoid-buggy-ips"],
      }),
    ),
    ...pools
      .filter(({ pool }) => pool.protocol === "bgp")
      .flatMap(({ pool, from, name }) =>
        advertisementsOf(pool).map((advertisement, index) => {
          routed += 1;
          const part = `${from}.bgp-advertisements[${index}]`;
          return make(part, "BGPAdvertisement", `bgpadvertisement${routed}`, {
            ...routeSpec(advertisement),
            ipAddressPools: [name],
          });
        }),
      ),
    ...pools
      .filter(({ pool }) => pool.protocol === "layer2")
      .map(({ from, name }) => {
        announced += 1;
        return make(from, "L2Advertisement", `l2advertisement${announced}`, {
          ipAddressPools: [name],
        });
      }),
    ...(configuration["bfd-profiles"] ?? []).map((profile, index) => {
      const from = `bfd-profiles[${index}]`;
      return make(
        from,
        "BFDProfile",
        objectName(profile.name, `${from}.name`),
        profileSpec(profile),
      );
    }),
    ...communitiesOf(configuration).map((spec) =>
      make("bgp-communities", "Community", "communities", spec),
    ),
  ];
}

function peerSpec(peer: LegacyPeer): object {
  const profile = peer["bfd-profile"] ?? "";
  return {
    myASN: peer["my-asn"],
    peerASN: peer["peer-asn"],
    peerAddress: peer["peer-address"],
    sourceAddress: peer["source-address"],
    peerPort: peer["peer-port"],
    // The old default, which is written so that it stays whatever a new one may be.
    holdTime: peer["hold-time"] ?? "90s",
    keepaliveTime: peer["keepalive-time"],
    routerID: peer["router-id"],
    nodeSelectors: peer["node-selectors"]?.map((selector) => ({
      matchLabels: selector["match-labels"],
      matchExpressions: selector["match-expressions"],
    })),
    password: peer.password,
    bfdProfile: profile === "" ? undefined : objectName(profile, "bfd-profile"),
    ebgpMultiHop: peer["ebgp-multihop"],
  };
}

/** A pool without any was announced as it is. */
function advertisementsOf(pool: LegacyPool): readonly LegacyAdvertisement[] {
  const advertisements = pool["bgp-advertisements"] ?? [];
  return advertisements.length === 0 ? [{}] : advertisements;
}

function routeSpec(advertisement: LegacyAdvertisement): object {
  return {
    aggregationLength: advertisement["aggregation-length"],
    aggregationLengthV6: advertisement["aggregation-length-v6"],
    localPref: advertisement.localpref,
    communities: advertisement.communities,
  };
}

function profileSpec(profile: LegacyProfile): object {
  return {
    receiveInterval: profile["receive-interval"],
    transmitInterval: profile["transmit-interval"],
    detectMultiplier: profile["detect-multiplier"],
    echoInterval: profile["echo-interval"],
    echoMode: profile["echo-mode"],
    passiveMode: profile["passive-mode"],
    minimumTtl: profile["minimum-ttl"],
  };
}

/** One object for all, in the order of their names; none when there are none. */
function communitiesOf(configuration: LegacyConfiguration): readonly object[] {
  const entries = Object.entries(configuration["bgp-communities"] ?? {});
  if (entries.length === 0) return [];
  const inOrder = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return [{ communities: inOrder.map(([name, value]) => ({ name, value })) }];
}

/** What was not said is not said. */
function withoutUnset(spec: object): JsonObject {
  return JSON.parse(JSON.stringify(spec)) as JsonObject;
}
