import { describe, expect, it } from "vitest";
import { isAnswerable, isLoopedBack, isOfAnother, isProbe, isTo } from "./evidence.ts";
import { probe, unsolicited } from "./frames.ts";
import { captured } from "./testing/captured.ts";
import { ourNonce, ours, solicitation, theirs, vip } from "./testing/example.ts";

describe("what a packet says", () => {
  it("is to us when it went to a group or to our own hardware address", () => {
    expect(isTo(ours, solicitation)).toBe(true);
    expect(isTo(ours, captured["a unicast solicitation"].packet)).toBe(true);
    expect(isTo(theirs, captured["a unicast solicitation"].packet)).toBe(false);
  });

  it("asks from nowhere in a probe, which can always be answered", () => {
    expect(isProbe(solicitation)).toBe(false);
    const asked = captured["a probe without options"].packet;
    expect([isProbe(asked), isAnswerable(asked)]).toEqual([true, true]);
  });

  it("can be answered unless that would be to a group", () => {
    expect(isAnswerable(solicitation)).toBe(true);
    const toAll = [{ type: "source-link-layer", mac: 0xffff_ffff_ffff }] as const;
    expect(isAnswerable({ ...solicitation, options: toAll })).toBe(false);
  });

  it("is our own probe again when the nonce is one of ours", () => {
    expect(isLoopedBack(probe(vip, theirs, ourNonce), [1, ourNonce])).toBe(true);
    expect(isLoopedBack(probe(vip, theirs, ourNonce), [1])).toBe(false);
    expect(isLoopedBack(captured["a probe without options"].packet, [1])).toBe(false);
  });

  it("is of another when its link-layer option, or else its frame, says so", () => {
    expect(isOfAnother(unsolicited(vip, theirs), ours)).toBe(true);
    expect(isOfAnother({ ...unsolicited(vip, ours), sourceMac: theirs }, ours)).toBe(false);
    expect(isOfAnother({ ...unsolicited(vip, theirs), options: [] }, theirs)).toBe(false);
  });
});
