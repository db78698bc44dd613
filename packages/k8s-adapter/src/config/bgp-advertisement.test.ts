import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const advertisement = (spec?: object) =>
  project("bgpAdvertisement", {
    metadata: { name: "a", namespace: "metallb-system" },
    ...(spec === undefined ? {} : { spec }),
  });

describe("BGPAdvertisement", () => {
  it("announces every address by itself to everyone when it says nothing", () => {
    const everything = {
      pools: [],
      peers: [],
      aggregationLength: 32,
      aggregationLengthV6: 128,
      localPref: 0,
      asPathPrepend: 0,
      communities: [],
    };
    expect(advertisement()).toMatchObject({ record: everything });
    expect(advertisement({})).toMatchObject({ record: everything });
  });

  it("keeps all its fields", () => {
    const spec = {
      aggregationLength: 24,
      aggregationLengthV6: 64,
      localPref: 4_000_000_000,
      asPathPrepend: 3,
      communities: ["65000:1", "large:65000:1:2", "vpn"],
      ipAddressPools: ["lan"],
      peers: ["tor-1"],
    };
    const { ipAddressPools: pools, ...rest } = spec;
    expect(advertisement(spec)).toMatchObject({ record: { pools, ...rest } });
  });

  it.each([
    [{ aggregationLength: 33 }, "spec.aggregationLength", "must be at most 32, got 33"],
    [{ aggregationLengthV6: 129 }, "spec.aggregationLengthV6", "must be at most 128, got 129"],
    [{ asPathPrepend: 11 }, "spec.asPathPrepend", "must be at most 10, got 11"],
    [{ peers: ["a", "a"] }, "spec.peers[1]", 'must not repeat a peer, got "a" twice'],
    [
      { communities: ["1:1", "1:1"] },
      "spec.communities[1]",
      'must not repeat a community, got "1:1" twice',
    ],
    [
      { communities: ["70000:1"] },
      "spec.communities[0]",
      'must be a community such as 65000:100 or large:65000:1:2, or the name of one, got "70000:1"',
    ],
    [
      { serviceSelectors: [{}], aggregationLength: 24 },
      "spec.serviceSelectors",
      "cannot be used with an aggregationLength below 32, or an aggregationLengthV6 below 128",
    ],
  ])("refuses %j", (spec, field, message) => {
    expect(advertisement(spec)).toMatchObject({ error: { field, message } });
  });
});
