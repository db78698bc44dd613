import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import type { NdpPacket } from "./message.ts";
import { encodeNdp } from "./packet.ts";
import { captured, patched } from "./testing/captured.ts";
import { invalidity } from "./validity.ts";

const judge = (packet: NdpPacket) => invalidity(packet, encodeNdp(packet));
const sourceLinkLayer = { type: "source-link-layer", mac: 0x0200_0000_000a } as const;
const oddLinkLayer = { type: "other", number: 1, bytes: new Uint8Array(14) } as const;
const multicast = parseIpv6("ff02::1");
const unspecified = parseIpv6("::");

const solicitation = captured["a solicitation"].packet;
const probe = captured["a probe with a nonce"].packet;
const answer = captured["an answer"].packet;
const unsolicited = captured["an unsolicited advertisement"].packet;
const routerSolicitation = captured["a router solicitation"].packet;
const routerAdvertisement = captured["a router advertisement"].packet;

describe("validity", () => {
  it.each(Object.entries(captured))("lets %s pass", (_, { frame, packet }) => {
    expect(invalidity(packet, frame)).toBeUndefined();
  });

  it.each(Object.entries(captured))(
    "discards %s with another hop limit, code or checksum",
    (_, { frame, packet }) => {
      for (const hopLimit of [0, 1, 64, 254]) {
        expect(judge({ ...packet, hopLimit })).toBe("hop limit is not 255");
      }
      expect(judge({ ...packet, code: 1 })).toBe("code is not 0");
      const wrong = patched(frame, 56, (frame[56] ?? 0) ^ 1);
      expect(invalidity(packet, wrong)).toBe("checksum is wrong");
      expect(judge({ ...packet, source: multicast })).toBe("source is multicast");
    },
  );

  it.each<[string, NdpPacket, string | undefined]>([
    [
      "solicitation for a group (7.1.1)",
      { ...solicitation, target: multicast },
      "target is multicast",
    ],
    [
      "probe to its target (7.1.1)",
      { ...probe, destination: probe.target },
      "source is unspecified and destination no solicited-node group",
    ],
    [
      "probe to all nodes (7.1.1)",
      { ...probe, destination: multicast },
      "source is unspecified and destination no solicited-node group",
    ],
    [
      "probe with a source link-layer option (7.1.1)",
      { ...probe, options: [...probe.options, sourceLinkLayer] },
      "source is unspecified and its link-layer address given",
    ],
    [
      "probe with a source link-layer option of another size (7.1.1)",
      { ...probe, options: [oddLinkLayer] },
      "source is unspecified and its link-layer address given",
    ],
    ["solicitation to all nodes", { ...solicitation, destination: multicast }, undefined],
    ["solicitation without options", { ...solicitation, options: [] }, undefined],
    ["advertisement for a group (7.1.2)", { ...answer, target: multicast }, "target is multicast"],
    [
      "solicited answer to a group (7.1.2)",
      { ...unsolicited, solicited: true },
      "destination is multicast and the answer solicited",
    ],
    ["unsolicited unicast advertisement", { ...answer, solicited: false }, undefined],
    [
      "router solicitation from nowhere with a link-layer option (6.1.1)",
      { ...routerSolicitation, source: unspecified },
      "source is unspecified and its link-layer address given",
    ],
    [
      "router solicitation from nowhere (6.1.1)",
      { ...routerSolicitation, source: unspecified, options: [] },
      undefined,
    ],
    [
      "router with a global address (6.1.2)",
      { ...routerAdvertisement, source: parseIpv6("2001:db8::1") },
      "router is not link-local",
    ],
    [
      "router without an address (6.1.2)",
      { ...routerAdvertisement, source: unspecified },
      "router is not link-local",
    ],
  ])("judges a %s", (_, packet, reason) => {
    expect(judge(packet)).toBe(reason);
  });
});
