import { parseIpv6, parseMac } from "../address.ts";
import type { NdpHeader, NdpPacket } from "../message.ts";

/** The octets in hexadecimal text, whatever separates them. */
export function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[\da-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The frame with other octets from an offset on. */
export function patched(frame: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const copy = frame.slice();
  copy.set(values, offset);
  return copy;
}

/** A frame, what it says, and how many octets its message has before the options. */
export interface Captured {
  readonly frame: Uint8Array;
  readonly packet: NdpPacket;
  readonly fixedBytes: number;
}

const macA = parseMac("02:00:00:00:00:0a");
const macB = parseMac("02:00:00:00:00:0b");
const a = parseIpv6("2001:db8::a");
const b = parseIpv6("2001:db8::b");

function header(
  [sourceMac, source]: readonly [number, string],
  [destinationMac, destination]: readonly [number | string, string],
): Omit<NdpHeader, "options"> {
  return {
    destinationMac: typeof destinationMac === "string" ? parseMac(destinationMac) : destinationMac,
    sourceMac,
    destination: parseIpv6(destination),
    source: parseIpv6(source),
    hopLimit: 255,
    code: 0,
  };
}

// Those without another source are what Linux 6.18 sends: two network namespaces with a veth pair
// between them, hardware addresses 02:00:00:00:00:0a and :0b, as `tcpdump -xx` shows it.

/** Frames that others made. */
export const captured = {
  "a solicitation": {
    fixedBytes: 24,
    frame: octets(`
      3333 ff00 000b 0200 0000 000a 86dd
      6000 0000 0020 3aff
      2001 0db8 0000 0000 0000 0000 0000 000a
      ff02 0000 0000 0000 0000 0001 ff00 000b
      8700 1c03 0000 0000
      2001 0db8 0000 0000 0000 0000 0000 000b
      0101 0200 0000 000a`),
    packet: {
      type: "neighbor-solicitation",
      ...header([macA, "2001:db8::a"], ["33:33:ff:00:00:0b", "ff02::1:ff00:b"]),
      options: [{ type: "source-link-layer", mac: macA }],
      target: b,
    },
  },
  "a unicast solicitation": {
    fixedBytes: 24,
    frame: octets(`
      0200 0000 000b 0200 0000 000a 86dd
      6000 0000 0020 3aff
      fe80 0000 0000 0000 0000 00ff fe00 000a
      2001 0db8 0000 0000 0000 0000 0000 000b
      8700 1c87 0000 0000
      2001 0db8 0000 0000 0000 0000 0000 000b
      0101 0200 0000 000a`),
    packet: {
      type: "neighbor-solicitation",
      ...header([macA, "fe80::ff:fe00:a"], [macB, "2001:db8::b"]),
      options: [{ type: "source-link-layer", mac: macA }],
      target: b,
    },
  },
  "a probe with a nonce": {
    fixedBytes: 24,
    frame: octets(`
      3333 ff00 000b 0200 0000 000a 86dd
      6000 0000 0020 3aff
      0000 0000 0000 0000 0000 0000 0000 0000
      ff02 0000 0000 0000 0000 0001 ff00 000b
      8700 9841 0000 0000
      2001 0db8 0000 0000 0000 0000 0000 000b
      0e01 e6f6 d479 eb1d`),
    packet: {
      type: "neighbor-solicitation",
      ...header([macA, "::"], ["33:33:ff:00:00:0b", "ff02::1:ff00:b"]),
      options: [{ type: "nonce", bytes: octets("e6f6 d479 eb1d") }],
      target: b,
    },
  },
  // From the tests of gopacket (layers/icmp6msg_test.go).
  "a probe without options": {
    fixedBytes: 24,
    frame: octets(`
      3333 ff0e 4c67 000c 290e 4c67 86dd
      6000 0000 0018 3aff
      0000 0000 0000 0000 0000 0000 0000 0000
      ff02 0000 0000 0000 0000 0001 ff0e 4c67
      8700 b930 0000 0000
      fe80 0000 0000 0000 020c 29ff fe0e 4c67`),
    packet: {
      type: "neighbor-solicitation",
      ...header([parseMac("00:0c:29:0e:4c:67"), "::"], ["33:33:ff:0e:4c:67", "ff02::1:ff0e:4c67"]),
      options: [],
      target: parseIpv6("fe80::20c:29ff:fe0e:4c67"),
    },
  },
  "an answer": {
    fixedBytes: 24,
    frame: octets(`
      0200 0000 000a 0200 0000 000b 86dd
      6000 0000 0020 3aff
      2001 0db8 0000 0000 0000 0000 0000 000b
      2001 0db8 0000 0000 0000 0000 0000 000a
      8800 8a4d 6000 0000
      2001 0db8 0000 0000 0000 0000 0000 000b
      0201 0200 0000 000b`),
    packet: {
      type: "neighbor-advertisement",
      ...header([macB, "2001:db8::b"], [macA, "2001:db8::a"]),
      options: [{ type: "target-link-layer", mac: macB }],
      target: b,
      router: false,
      solicited: true,
      override: true,
    },
  },
  "an answer without options": {
    fixedBytes: 24,
    frame: octets(`
      0200 0000 000a 0200 0000 000b 86dd
      6000 0000 0018 3aff
      2001 0db8 0000 0000 0000 0000 0000 000b
      fe80 0000 0000 0000 0000 00ff fe00 000a
      8800 de99 4000 0000
      2001 0db8 0000 0000 0000 0000 0000 000b`),
    packet: {
      type: "neighbor-advertisement",
      ...header([macB, "2001:db8::b"], [macA, "fe80::ff:fe00:a"]),
      options: [],
      target: b,
      router: false,
      solicited: true,
      override: false,
    },
  },
  "an unsolicited advertisement": {
    fixedBytes: 24,
    frame: octets(`
      3333 0000 0001 0200 0000 000a 86dd
      6000 0000 0020 3aff
      2001 0db8 0000 0000 0000 0000 0000 000a
      ff02 0000 0000 0000 0000 0000 0000 0001
      8800 f90f 2000 0000
      2001 0db8 0000 0000 0000 0000 0000 000a
      0201 0200 0000 000a`),
    packet: {
      type: "neighbor-advertisement",
      ...header([macA, "2001:db8::a"], ["33:33:00:00:00:01", "ff02::1"]),
      options: [{ type: "target-link-layer", mac: macA }],
      target: a,
      router: false,
      solicited: false,
      override: true,
    },
  },
  "a router solicitation": {
    fixedBytes: 8,
    frame: octets(`
      3333 0000 0002 0200 0000 000a 86dd
      6000 0000 0010 3aff
      fe80 0000 0000 0000 0000 00ff fe00 000a
      ff02 0000 0000 0000 0000 0000 0000 0002
      8500 7b1a 0000 0000
      0101 0200 0000 000a`),
    packet: {
      type: "router-solicitation",
      ...header([macA, "fe80::ff:fe00:a"], ["33:33:00:00:00:02", "ff02::2"]),
      options: [{ type: "source-link-layer", mac: macA }],
    },
  },
  // From the tests of gopacket (layers/icmp6msg_test.go); its traffic class is 0xe0.
  "a router advertisement": {
    fixedBytes: 16,
    frame: octets(`
      3333 0000 0001 c200 54f5 0000 86dd
      6e00 0000 0040 3aff
      fe80 0000 0000 0000 c000 54ff fef5 0000
      ff02 0000 0000 0000 0000 0000 0000 0001
      8600 c4fe 4000 0708 0000 0000 0000 0000
      0101 c200 54f5 0000
      0501 0000 0000 05dc
      0304 40c0 0027 8d00 0009 3a80 0000 0000
      2001 0db8 0000 0001 0000 0000 0000 0000`),
    packet: {
      type: "router-advertisement",
      ...header(
        [parseMac("c2:00:54:f5:00:00"), "fe80::c000:54ff:fef5:0"],
        ["33:33:00:00:00:01", "ff02::1"],
      ),
      options: [
        { type: "source-link-layer", mac: parseMac("c2:00:54:f5:00:00") },
        { type: "mtu", mtu: 1_500 },
        {
          type: "prefix",
          prefix: parseIpv6("2001:db8:0:1::"),
          prefixLength: 64,
          onLink: true,
          autonomous: true,
          validSeconds: 2_592_000,
          preferredSeconds: 604_800,
        },
      ],
      currentHopLimit: 64,
      managed: false,
      otherConfiguration: false,
      preference: "medium",
      lifetimeSeconds: 1_800,
      reachableMs: 0,
      retransmitMs: 0,
    },
  },
  // Made by scapy 2.8.0. The last option is a DNS search list (RFC 8106 section 5.2).
  "an advertisement with everything": {
    fixedBytes: 16,
    frame: octets(`
      3333 0000 0001 0200 0000 000b 86dd
      6000 0000 0080 3aff
      fe80 0000 0000 0000 0000 00ff fe00 000b
      ff02 0000 0000 0000 0000 0000 0000 0001
      8600 d31a 40c8 0708 0000 7530 0000 03e8
      0101 0200 0000 000b
      0501 0000 0000 0578
      0304 4080 ffff ffff 0000 0258 0000 0000
      2001 0db8 0001 0000 0000 0000 0000 0000
      1905 0000 0000 0384
      2001 0db8 0000 0000 0000 0000 0000 0053
      2001 0db8 0000 0000 0000 0000 0000 0054
      1f03 0000 0000 0384 0765 7861 6d70 6c65 0363 6f6d 0000 0000`),
    packet: {
      type: "router-advertisement",
      ...header([macB, "fe80::ff:fe00:b"], ["33:33:00:00:00:01", "ff02::1"]),
      options: [
        { type: "source-link-layer", mac: macB },
        { type: "mtu", mtu: 1_400 },
        {
          type: "prefix",
          prefix: parseIpv6("2001:db8:1::"),
          prefixLength: 64,
          onLink: true,
          autonomous: false,
          validSeconds: 0xffff_ffff,
          preferredSeconds: 600,
        },
        {
          type: "rdnss",
          lifetimeSeconds: 900,
          servers: [parseIpv6("2001:db8::53"), parseIpv6("2001:db8::54")],
        },
        {
          type: "other",
          number: 31,
          bytes: octets("0000 0000 0384 0765 7861 6d70 6c65 0363 6f6d 0000 0000"),
        },
      ],
      currentHopLimit: 64,
      managed: true,
      otherConfiguration: true,
      preference: "high",
      lifetimeSeconds: 1_800,
      reachableMs: 30_000,
      retransmitMs: 1_000,
    },
  },
} as const satisfies Record<string, Captured>;
