import { describe, expect, it } from "vitest";
import { isClaim, isProbe, isRequestTo } from "./evidence.ts";
import type { ArpPacket } from "./packet.ts";

const ours = 0x0200_0000_0001;
const theirs = 0x0200_0000_0009;
const request: ArpPacket = {
  destination: 0xffff_ffff_ffff,
  source: theirs,
  hardwareType: 1,
  protocolType: 0x0800,
  operation: 1,
  senderMac: theirs,
  senderAddress: 0xc000_0209,
  targetMac: 0,
  targetAddress: 0xc000_020a,
};

describe("what a packet says", () => {
  it.each<[string, Partial<ArpPacket>, boolean, boolean, boolean]>([
    // packet,                               request to us, claim, probe
    ["a broadcast request", {}, true, true, false],
    ["a request to us", { destination: ours }, true, true, false],
    ["a request to another", { destination: theirs }, false, true, false],
    ["a multicast request", { destination: 0x0100_5e00_0001 }, false, true, false],
    ["a request with a guess", { targetMac: ours }, true, true, false],
    ["a gratuitous request", { senderAddress: request.targetAddress }, true, true, false],
    ["a probe", { senderAddress: 0 }, true, true, true],
    ["a probe to another", { senderAddress: 0, destination: theirs }, false, true, true],
    ["a reply", { operation: 2 }, false, true, false],
    ["a reply from nobody", { operation: 2, senderAddress: 0 }, false, true, false],
    ["a reverse request", { operation: 3 }, false, false, false],
    ["of another hardware type", { hardwareType: 6, senderAddress: 0 }, false, false, false],
    ["of another protocol type", { protocolType: 0x86dd, senderAddress: 0 }, false, false, false],
  ])("%s", (_, fields, asks, claims, probes) => {
    const packet = { ...request, ...fields };
    expect([isRequestTo(ours, packet), isClaim(packet), isProbe(packet)]).toEqual([
      asks,
      claims,
      probes,
    ]);
  });
});
