import { describe, expect, it } from "vitest";
import { EXCLUDED_BY_DEFAULT, exclusionOf } from "./exclusion.ts";
import { canAnnounceOn, type LinkFacts } from "./interfaces.ts";

const excluded = exclusionOf(EXCLUDED_BY_DEFAULT);
const eth0: LinkFacts = {
  name: "eth0",
  up: true,
  running: true,
  broadcast: true,
  noArp: false,
  masterIndex: 0,
};

describe("interfaces to announce on", () => {
  it("are links like an ordinary card, a bond or a bridge", () => {
    for (const name of ["eth0", "ens3", "bond0", "br0", "wlan0", "eth0.100", "loop0"]) {
      expect(canAnnounceOn({ ...eth0, name }, excluded)).toBe(true);
    }
  });

  it.each<[string, Partial<LinkFacts>]>([
    ["down", { up: false }],
    ["without carrier", { running: false }],
    ["unable to broadcast", { broadcast: false }],
    ["unable to resolve", { noArp: true }],
    ["a port of a bridge or bond", { masterIndex: 7 }],
  ])("are not those that are %s", (_, changes) => {
    expect(canAnnounceOn({ ...eth0, ...changes }, excluded)).toBe(false);
  });

  // MetalLB's default list.
  it.each([
    "docker0",
    "cbr0",
    "dummy0",
    "virbr0",
    "lxcbr0",
    "veth12ab",
    "lo",
    "cali1234",
    "tunl0",
    "flannel.1",
    "kube-ipvs0",
    "cni0",
    "nodelocaldns",
    "lxc12ab",
  ])("are not %s", (name) => {
    expect(canAnnounceOn({ ...eth0, name }, excluded)).toBe(false);
  });
});
