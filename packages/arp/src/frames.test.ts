import { describe, expect, it } from "vitest";
import { gratuitousReply, gratuitousRequest, probe, question, replyTo } from "./frames.ts";
import type { ArpPacket } from "./packet.ts";

const ours = 0x0200_0000_0001;
const theirs = 0x0200_0000_0009;
const vip = 0xc000_020a;
const kind = { hardwareType: 1, protocolType: 0x0800 };
const request: ArpPacket = {
  destination: 0xffff_ffff_ffff,
  source: theirs,
  ...kind,
  operation: 1,
  senderMac: theirs,
  senderAddress: 0xc000_0209,
  targetMac: 0,
  targetAddress: vip,
};

describe("a reply", () => {
  it("is the request turned round (RFC 826)", () => {
    expect(replyTo(request, ours)).toEqual({
      destination: theirs,
      source: ours,
      ...kind,
      operation: 2,
      senderMac: ours,
      senderAddress: vip,
      targetMac: theirs,
      targetAddress: 0xc000_0209,
    });
  });

  it("to a probe keeps its empty address", () => {
    expect(replyTo({ ...request, senderAddress: 0 }, ours)).toMatchObject({
      senderAddress: vip,
      targetMac: theirs,
      targetAddress: 0,
    });
  });

  it("goes to the sender in the packet, though another station relayed the frame", () => {
    const relayed = { ...request, source: 0x0200_0000_00ff };
    expect(replyTo(relayed, ours)).toEqual(replyTo(request, ours));
  });
});

describe("a question", () => {
  it("is put by an address of one's own, to all (RFC 826) or to one (RFC 1122 section 2.3.2.1)", () => {
    const asked = question(vip, 0xc000_0209, ours);
    expect(asked).toEqual({ ...request, source: ours, senderMac: ours });
    expect(question(vip, 0xc000_0209, ours, theirs)).toEqual({ ...asked, destination: theirs });
  });
});

describe("a probe", () => {
  it("asks without a claim (RFC 5227 section 2.1.1)", () => {
    expect(probe(vip, ours)).toEqual({
      destination: 0xffff_ffff_ffff,
      source: ours,
      ...kind,
      operation: 1,
      senderMac: ours,
      senderAddress: 0,
      targetMac: 0,
      targetAddress: vip,
    });
  });
});

describe("gratuitous packets", () => {
  const announcement = {
    destination: 0xffff_ffff_ffff,
    source: ours,
    ...kind,
    senderMac: ours,
    senderAddress: vip,
    targetAddress: vip,
  };

  it("ask with an empty target (RFC 5227 section 2.3)", () => {
    expect(gratuitousRequest(vip, ours)).toEqual({ ...announcement, operation: 1, targetMac: 0 });
  });

  it("reply with the hardware address to learn as target (RFC 5944 section 4.6)", () => {
    expect(gratuitousReply(vip, ours)).toEqual({ ...announcement, operation: 2, targetMac: ours });
  });
});
