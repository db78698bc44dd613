import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import {
  answerTo,
  neighborSolicitation,
  probe,
  routerAdvertisement,
  routerSolicitation,
  unsolicited,
} from "./frames.ts";
import { UNSPECIFIED } from "./group.ts";
import { encodeNdp } from "./packet.ts";
import { captured } from "./testing/captured.ts";
import { invalidity } from "./validity.ts";

const macA = 0x0200_0000_000a;
const macB = 0x0200_0000_000b;
const solicitation = captured["a solicitation"].packet;

describe("an answer", () => {
  it("is octet for octet the kernel's", () => {
    expect(encodeNdp(answerTo(solicitation, macB))).toEqual(captured["an answer"].frame);
  });

  it("to a probe goes to all nodes and is not Solicited (RFC 4861 section 7.2.4)", () => {
    const answer = answerTo(captured["a probe with a nonce"].packet, macB);
    expect(answer).toEqual(unsolicited(solicitation.target, macB));
    expect(answer).toMatchObject({ destination: parseIpv6("ff02::1"), solicited: false });
  });

  it("has a link-layer option though the question was unicast", () => {
    const { packet } = captured["a unicast solicitation"];
    expect(answerTo(packet, macB)).toEqual({
      ...captured["an answer without options"].packet,
      options: [{ type: "target-link-layer", mac: macB }],
      override: true,
    });
  });

  it("goes to where the option says, and without one to where the frame came from", () => {
    const relayed = { ...solicitation, sourceMac: 0x0200_0000_00ff };
    expect(answerTo(relayed, macB).destinationMac).toBe(macA);
    expect(answerTo({ ...relayed, options: [] }, macB).destinationMac).toBe(0x0200_0000_00ff);
  });
});

describe("what nobody asked for", () => {
  it("is octet for octet the kernel's", () => {
    const { frame, packet } = captured["an unsolicited advertisement"];
    expect(encodeNdp(unsolicited(packet.target, macA))).toEqual(frame);
  });
});

describe("a probe", () => {
  it("is octet for octet the kernel's", () => {
    const { frame, packet } = captured["a probe with a nonce"];
    expect(encodeNdp(probe(packet.target, macA, 0xe6f6_d479_eb1d))).toEqual(frame);
  });
});

describe("a question", () => {
  it("is octet for octet the kernel's", () => {
    const { frame, packet } = captured["a solicitation"];
    const question = neighborSolicitation(packet.target, packet.source, macA);
    expect(encodeNdp(question)).toEqual(frame);
  });
});

describe("router messages", () => {
  it("ask octet for octet as the kernel does", () => {
    const { frame, packet } = captured["a router solicitation"];
    expect(encodeNdp(routerSolicitation(packet.source, macA))).toEqual(frame);
  });

  it("ask from nowhere without a link-layer option", () => {
    const packet = routerSolicitation(UNSPECIFIED, macA);
    expect(packet.options).toEqual([]);
    expect(invalidity(packet, encodeNdp(packet))).toBeUndefined();
  });

  it("advertise with their link-layer option first", () => {
    const { packet } = captured["a router advertisement"];
    const { options, source, sourceMac } = packet;
    const content = { ...packet, options: options.slice(1) };
    expect(routerAdvertisement(content, source, sourceMac)).toEqual(packet);
  });
});
