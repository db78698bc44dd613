import { describe, expect, it } from "vitest";
import type { BgpAdvertisementRecord, CommunityRecord } from "../domain.ts";
import { bgpAdvertisementRecord as advertisement, poolRecord } from "../testing/records.ts";
import { resolveBgp } from "./bgp-configuration.ts";

const lan = poolRecord("lan", ["192.0.2.0/24", "198.51.100.10-198.51.100.20"]);
const community = (name: string, aliases: CommunityRecord["aliases"]): CommunityRecord => {
  const { pools: _, ...identity } = advertisement(name);
  return { ...identity, aliases };
};

function resolve(
  advertisements: readonly BgpAdvertisementRecord[],
  previous: readonly BgpAdvertisementRecord[] = [],
  communities: readonly CommunityRecord[] = [],
) {
  const before = new Map(previous.map((ad) => [ad.key, ad]));
  const { rejected, ...rest } = resolveBgp(before, { advertisements, communities, pools: [lan] });
  const errors = rejected.map(({ key, field, message }) => `${key} ${field}: ${message}`);
  return { ...rest, errors, inForce: [...rest.advertisements.values()] };
}

describe("BGP advertisements in force", () => {
  it("are all of them where they agree", () => {
    const both = [advertisement("a"), advertisement("b")];
    expect(resolve(both)).toMatchObject({ inForce: both, errors: [] });
  });

  it("leave out one that names an unknown community, until there is one of that name", () => {
    const ad = advertisement("a", { communities: ["1:1", "vpn"] });
    expect(resolve([ad])).toMatchObject({
      inForce: [],
      errors: ['metallb-system/a spec.communities[1]: no Community gives the name "vpn"'],
    });
    const named = resolve([ad], [], [community("c", [{ name: "vpn", value: "1:2" }])]);
    expect(named).toMatchObject({ inForce: [ad], errors: [] });
    expect(named.aliases.get("vpn")).toBe("1:2");
  });

  it("keep the last good form of one that was broken", () => {
    const good = advertisement("a");
    const broken = { ...good, communities: ["vpn"], resourceVersion: "2" };
    expect(resolve([broken], [good]).inForce).toEqual([good]);
  });

  it("leave out an aggregate that is larger than a range of its pool", () => {
    const ad = advertisement("a", { aggregationLength: 28 });
    expect(resolve([ad])).toMatchObject({
      inForce: [],
      errors: [
        'metallb-system/a spec.aggregationLength: 28 is too short for pool "lan": 198.51.100.10-198.51.100.20 is no larger than a /30, so the route would speak for addresses beyond it',
      ],
    });
    expect(resolve([advertisement("a", { aggregationLength: 30 })]).errors).toEqual([]);
  });

  it("leave out the newer of two that contradict each other", () => {
    const older = advertisement("z", { createdMs: 1 });
    const newer = advertisement("a", { createdMs: 2, localPref: 200 });
    expect(resolve([newer, older])).toMatchObject({
      inForce: [older],
      errors: [
        'metallb-system/a spec.localPref: 200 contradicts 0 of BGPAdvertisement "z" for pool "lan" and the same peers',
      ],
    });
  });

  it("leave out the change of an older one that contradicts what is in force", () => {
    const older = advertisement("z", { createdMs: 1 });
    const newer = advertisement("a", { createdMs: 2 });
    const changed = { ...older, asPathPrepend: 2, resourceVersion: "2" };
    expect(resolve([changed, newer], [older, newer])).toMatchObject({
      inForce: [newer, older],
      errors: [expect.stringContaining("metallb-system/z spec.asPathPrepend")],
    });
  });

  it("let the older Community keep a name that two of them give", () => {
    const first = { ...community("b", [{ name: "vpn", value: "1:1" }]), createdMs: 1 };
    const second = { ...community("a", [{ name: "vpn", value: "1:2" }]), createdMs: 2 };
    const { aliases, errors } = resolve([], [], [second, first]);
    expect(aliases.get("vpn")).toBe("1:1");
    expect(errors).toEqual([
      'metallb-system/a spec.communities[0].name: "vpn" already stands for 1:1 in another Community',
    ]);
  });
});
