import type { BfdPacket } from "../packet.ts";

/** One packet that somebody else made. */
export interface Captured {
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly packet: BfdPacket;
}

const flags = {
  poll: false,
  final: false,
  controlPlaneIndependent: false,
  demand: false,
  multipoint: false,
};

const wireshark: BfdPacket = {
  ...flags,
  diagnostic: 0,
  state: "down",
  detectMultiplier: 5,
  myDiscriminator: 1,
  yourDiscriminator: 0,
  desiredMinTxUs: 1_000_000,
  requiredMinRxUs: 1_000_000,
  requiredMinEchoRxUs: 0,
};

const fromWireshark = (file: string) =>
  `first packet of ${file}, wiki.wireshark.org/SampleCaptures (in google/gopacket layers/bfd_test.go)`;
const fromRyu = (name: string) => `${name}, faucetsdn/ryu ryu/tests/unit/packet/test_bfd.py`;

const wiresharkSimple = hex(`
  20440521 00000001 00000000 000f4240 000f4240 00000000 01090273 65637265 74`);
const wiresharkMd5 = hex(`
  20440530 00000001 00000000 000f4240 000f4240 00000000
  02180200 00000005 01020304 05060708 09101112 13141516`);
const wiresharkSha1 = hex(`
  20440534 00000001 00000000 000f4240 000f4240 00000000
  051c0200 00000005 01020304 05060708 09101112 13141516 1718191a`);

/** Up, of a session that had failed before: two routers at 60 ms. */
export const ryuUp: Captured = {
  source: fromRyu("data"),
  bytes: hex("21c00318 00000006 00000007 0000ea60 0000ea60 00000000"),
  packet: {
    ...flags,
    diagnostic: 1,
    state: "up",
    detectMultiplier: 3,
    myDiscriminator: 6,
    yourDiscriminator: 7,
    desiredMinTxUs: 60_000,
    requiredMinRxUs: 60_000,
    requiredMinEchoRxUs: 0,
  },
};

/** Authenticated with "secret" as key 2. */
export const ryuSimple: Uint8Array = hex(`
  20440321 00000001 00000000 000f4240 000f4240 00000000 01090273 65637265 74`);

/** As {@link ryuSimple}, by keyed MD5, with sequence number 16859. */
export const ryuMd5: Uint8Array = hex(`
  20440330 00000001 00000000 000f4240 000f4240 00000000
  02180200 000041db 66a8f925 5a8bcb7e 4bec25a6 2c23da0f`);

/** As {@link ryuSimple}, by keyed SHA1, with sequence number 16817. */
export const ryuSha1: Uint8Array = hex(`
  20440334 00000001 00000000 000f4240 000f4240 00000000
  041c0200 000041b1 46201081 03d7f4de 87614c24 611f3cc1 6a006923`);

/** BIRD 2.0.12 in Init towards this package, with "secret" as key 1, by keyed MD5. */
export const birdMd5: Uint8Array = hex(`
  20840330 e7f914d5 c80d5219 000f4240 000186a0 00000000
  02180100 2a6c468a 253f8f41 b40a5318 f5ecb246 64d75d01`);

/** What other implementations and captures have published. */
export const captured: readonly Captured[] = [
  ryuUp,
  {
    source: "FreeRADIUS test vectors for BFD, a basic packet",
    bytes: hex("20c00318 deadbeef 21126809 0000001f 0000007f 000000ff"),
    packet: {
      ...flags,
      diagnostic: 0,
      state: "up",
      detectMultiplier: 3,
      myDiscriminator: 0xdeadbeef,
      yourDiscriminator: 0x21126809,
      desiredMinTxUs: 31,
      requiredMinRxUs: 127,
      requiredMinEchoRxUs: 255,
    },
  },
  {
    source: fromWireshark("bfd-raw-auth-simple.pcap"),
    bytes: wiresharkSimple,
    packet: { ...wireshark, authentication: wiresharkSimple.subarray(24) },
  },
  {
    source: fromWireshark("bfd-raw-auth-md5.pcap"),
    bytes: wiresharkMd5,
    packet: { ...wireshark, authentication: wiresharkMd5.subarray(24) },
  },
  {
    source: fromWireshark("bfd-raw-auth-sha1.pcap"),
    bytes: wiresharkSha1,
    packet: { ...wireshark, authentication: wiresharkSha1.subarray(24) },
  },
  ...[ryuSimple, ryuMd5, ryuSha1].map((bytes) => ({
    source: fromRyu("data_auth_*"),
    bytes,
    packet: { ...wireshark, detectMultiplier: 3, authentication: bytes.subarray(24) },
  })),
];

function hex(text: string): Uint8Array {
  const octets = text.match(/[\da-f]{2}/g) ?? [];
  return Uint8Array.from(octets, (octet) => Number.parseInt(octet, 16));
}
