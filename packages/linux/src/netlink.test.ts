import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNetlink, encodeDumpRequest } from "./netlink.ts";

const bytes = (...hex: readonly string[]) =>
  Uint8Array.from(Buffer.from(hex.join("").replaceAll(" ", ""), "hex"));

// As Linux 6.18 sent them in answer to dumps, less the attributes that are not read here.
const vethPort = bytes(
  "68000000 1000 0200 07000000 6b5b0000", // nlmsghdr: RTM_NEWLINK, multi, sequence 7
  "00 00 0100 03000000 43100100 00000000", // ifinfomsg: Ethernet, index 3, lower-up running broadcast up
  "0700 0300 763000 00", // IFLA_IFNAME v0
  "0800 0400 dc050000", // IFLA_MTU 1500
  "0800 0a00 04000000", // IFLA_MASTER 4
  "0a00 0100 020000000042 0000", // IFLA_ADDRESS
  "2400 1200", // IFLA_LINKINFO
  "0900 0100 7665746800 000000", // IFLA_INFO_KIND veth
  "0b00 0400 62726964676500 00", // IFLA_INFO_SLAVE_KIND bridge
  "0500 0500 03000000", // IFLA_INFO_SLAVE_DATA, cut short
);
const loopback = bytes(
  "44000000 1000 0200 07000000 6b5b0000",
  "00 00 0403 01000000 08000000 00000000",
  "0700 0300 6c6f00 00",
  "0800 0400 00000100",
  "0800 1b00 00000000", // IFLA_GROUP
  "0a00 0100 000000000000 0000",
);
const linkLocal = bytes(
  "50000000 1400 0200 08000000 6b5b0000", // nlmsghdr: RTM_NEWADDR
  "0a 40 80 fd 03000000", // ifaddrmsg: IPv6 /64, permanent, scope link, index 3
  "1400 0100 fe800000000000009068dafffeb329f5", // IFA_ADDRESS
  "1400 0600 ffffffff ffffffff f54c0300 f54c0300", // IFA_CACHEINFO
  "0800 0800 80000000", // IFA_FLAGS
  "0500 0b00 03000000", // IFA_PROTO
);
const done = bytes("14000000 0300 0200 07000000 6b5b0000 00000000");

/** One message around a body. */
function message(type: number, flags: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(16 + body.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, out.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  out.set(body, 16);
  return out;
}

/** The body of a message, as if of another address family. */
function withFamily(family: number, original: Uint8Array): Uint8Array {
  const body = original.slice(16);
  body[0] = family;
  return body;
}

const notified = { sequence: 0, multipart: false, interrupted: false };

describe("netlink requests", () => {
  it("ask for all links and for all addresses", () => {
    expect(encodeDumpRequest("links", 7)).toEqual(
      bytes("20000000 1200 0103 07000000 00000000", "00".repeat(16)),
    );
    expect(encodeDumpRequest("addresses", 0x0102)).toEqual(
      bytes("18000000 1600 0103 02010000 00000000", "00".repeat(8)),
    );
  });
});

describe("netlink messages", () => {
  it("tell of links, and of the end of a dump", () => {
    const header = { sequence: 7, multipart: true, interrupted: false };
    expect(decodeNetlink(Uint8Array.of(...loopback, ...vethPort, ...done))).toEqual([
      {
        ...header,
        type: "link",
        gone: false,
        link: {
          index: 1,
          name: "lo",
          mac: new Uint8Array(6),
          up: false,
          running: false,
          loopback: true,
          broadcast: false,
          noArp: false,
          masterIndex: 0,
          kind: "",
          mtu: 65_536,
        },
      },
      {
        ...header,
        type: "link",
        gone: false,
        link: {
          index: 3,
          name: "v0",
          mac: bytes("020000000042"),
          up: true,
          running: true,
          loopback: false,
          broadcast: true,
          noArp: false,
          masterIndex: 4,
          kind: "veth",
          mtu: 1500,
        },
      },
      { ...header, type: "end", errno: 0 },
    ]);
  });

  it.each([
    ["a carrier", 0x1_0003, true],
    ["a carrier that waits for an authentication", 0x3_0003, false],
    ["no carrier any more, which IFF_RUNNING does not know yet", 0x0_0043, false],
  ])("call a link with %s by what it can do", (_, flags, running) => {
    const body = vethPort.slice(16);
    new DataView(body.buffer).setUint32(8, flags, true);
    expect(decodeNetlink(message(16, 0, body))).toMatchObject([{ link: { up: true, running } }]);
  });

  it("tell that neighbours are to be told anew (IFLA_EVENT)", () => {
    const told = (...event: readonly string[]) =>
      decodeNetlink(message(16, 0, Uint8Array.of(...vethPort.subarray(16), ...bytes(...event))));
    expect(told("0800 2c00 04000000")).toMatchObject([{ type: "link", notifyPeers: true }]);
    // A bond has failed over, which says nothing by itself; and nothing at all.
    expect(told("0800 2c00 03000000")[0]).not.toHaveProperty("notifyPeers");
    expect(told()[0]).not.toHaveProperty("notifyPeers");
  });

  it("tell of addresses", () => {
    expect(decodeNetlink(linkLocal)).toEqual([
      {
        sequence: 8,
        multipart: true,
        interrupted: false,
        type: "address",
        gone: false,
        address: {
          index: 3,
          family: 6,
          address: "fe80::9068:daff:feb3:29f5",
          prefixLength: 64,
          scope: 253,
          tentative: false,
        },
      },
    ]);
  });

  it("give our own address of a point-to-point link, not the other end's", () => {
    const body = bytes(
      "02 20 80 00 05000000",
      "0800 0100 0a000002", // IFA_ADDRESS
      "0800 0200 0a000001", // IFA_LOCAL
    );
    expect(decodeNetlink(message(21, 0, body))).toEqual([
      {
        ...notified,
        type: "address",
        gone: true,
        address: {
          index: 5,
          family: 4,
          address: "10.0.0.1",
          prefixLength: 32,
          scope: 0,
          tentative: false,
        },
      },
    ]);
  });

  it.each([
    ["in IFA_FLAGS", "00", "0800 0800 c0000000"],
    ["in the octet of old", "c0", ""],
  ])("see a tentative address %s", (_, octet, flags) => {
    const body = bytes(`0a 40 ${octet} 00 05000000`, "1400 0100", "fd".repeat(16), flags);
    expect(decodeNetlink(message(20, 0, body))).toMatchObject([{ address: { tentative: true } }]);
  });

  it("carry the errno of a refusal, and the mark of an interrupted dump", () => {
    const refusal = message(2, 0, bytes("f0ffffff", "00".repeat(16)));
    expect(decodeNetlink(refusal)).toEqual([{ ...notified, type: "end", errno: 16 }]);
    expect(decodeNetlink(message(3, 0x12, bytes("00000000")))).toEqual([
      { sequence: 0, multipart: true, interrupted: true, type: "end", errno: 0 },
    ]);
  });

  it.each([
    ["a bridge telling that a port left it", message(17, 0, withFamily(7, vethPort))],
    ["a wireless event, which has no name", message(16, 0, vethPort.subarray(16, 32))],
    ["a route", message(24, 0, new Uint8Array(12))],
    [
      "an address of another family",
      message(20, 0, bytes("1c 08 00 00 05000000", "1400 0100", "fd".repeat(16))),
    ],
    ["an address without octets", message(20, 0, bytes("02 08 00 00 05000000"))],
  ])("leave out %s", (_, datagram) => {
    expect(decodeNetlink(Uint8Array.of(...datagram, ...done))).toHaveLength(1);
  });

  it("survive being cut anywhere, without inventing a message", () => {
    const whole = Uint8Array.of(...vethPort, ...linkLocal, ...done);
    const all = decodeNetlink(whole);
    expect(all).toHaveLength(3);
    for (let length = 0; length < whole.length; length += 1) {
      const some = decodeNetlink(whole.subarray(0, length));
      expect(some).toEqual(all.slice(0, some.length));
      expect(some.length).toBeLessThan(3);
    }
  });

  it("make something of any octets, and never read past them", () => {
    const body = fc.tuple(fc.constantFrom(2, 3, 16, 17, 20, 21), fc.uint8Array({ maxLength: 96 }));
    const framed = body.map(([type, octets]) => message(type, 0, octets));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 128 }), framed), (octets) => {
        const padded = new Uint8Array(octets.length + 64).fill(0xee);
        padded.set(octets, 32);
        const inside = padded.subarray(32, 32 + octets.length);
        expect(decodeNetlink(inside)).toEqual(decodeNetlink(octets));
      }),
    );
  });
});
