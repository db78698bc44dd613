import { bench, describe } from "vitest";
import { encodeAttributes } from "../src/attributes.ts";
import { decodeAttributes } from "../src/decode-attributes.ts";
import { Framer } from "../src/framer.ts";
import { KEEPALIVE } from "../src/keepalive.ts";
import type { Nlri } from "../src/nlri.ts";
import { encodePrefix, formatPrefix } from "../src/prefix.ts";
import { concat, hex } from "../src/testing/octets.ts";
import { attribute, CONTEXT, MANDATORY, updateBody } from "../src/testing/update.ts";
import { decodeUpdate } from "../src/update.ts";
import { acceptedAttributes, validateUpdate } from "../src/validate-update.ts";

const GLOBAL = "20010db8000000000000000000000001";
const route = updateBody({
  attributes: [...MANDATORY, attribute(4, 0x80, "00000000"), attribute(8, 0xc0, "fde90064")],
  announced: encodePrefix("192.0.2.0/24"),
});

/** As many prefixes as fill a message of 4,096 octets. */
function fullOf(octet: number, lengthBits: number, room: number): Uint8Array {
  const size = 1 + lengthBits / 8;
  return concat(
    ...Array.from({ length: Math.floor(room / size) }, (_, i) => {
      const prefix = new Uint8Array(size).fill(octet, 1);
      prefix[0] = lengthBits;
      prefix[size - 1] = i;
      return prefix;
    }),
  );
}

const hosts = updateBody({ attributes: MANDATORY, announced: fullOf(10, 32, 4050) });
const networks = updateBody({ attributes: MANDATORY, announced: fullOf(10, 24, 4050) });
const ipv6 = updateBody({
  attributes: [
    ...MANDATORY.slice(0, 2),
    attribute(
      14,
      0x80,
      `0002 01 10 ${GLOBAL} 00 ${Buffer.from(fullOf(0x20, 128, 4000)).toString("hex")}`,
    ),
  ],
});
const withdrawnAs = updateBody({
  attributes: [...MANDATORY, attribute(4, 0x80, "00")],
  announced: fullOf(10, 32, 4040),
});
const unreadable = updateBody({
  attributes: MANDATORY,
  announced: concat(fullOf(10, 32, 4040), hex("21")),
});

const judge = (body: Uint8Array) => validateUpdate(decodeUpdate(body, CONTEXT), CONTEXT);

let sum = 0;
const visit = (nlri: Nlri | undefined) =>
  nlri?.forEach((lengthBits, offset) => {
    sum = (sum + lengthBits + offset) | 0;
  });

describe("small messages", () => {
  const framer = new Framer();
  bench("frame a KEEPALIVE", () => {
    framer.push(KEEPALIVE);
    framer.next();
  });
  bench("59-octet UPDATE: judge", () => void judge(route));
  bench("59-octet UPDATE: judge and visit", () => {
    const view = decodeUpdate(route, CONTEXT);
    validateUpdate(view, CONTEXT);
    visit(view.announced);
  });
  bench("59-octet UPDATE: judge and read every attribute", () => {
    const view = decodeUpdate(route, CONTEXT);
    const verdict = validateUpdate(view, CONTEXT);
    decodeAttributes(acceptedAttributes(view, verdict), { fourOctetAs: true, prefixes: "classic" });
  });
});

describe("4 KB messages", () => {
  bench("IPv4 /32: judge", () => void judge(hosts));
  bench("IPv4 /24: judge", () => void judge(networks));
  bench("IPv6 /128: judge", () => void judge(ipv6));
  bench("IPv4 /32: judge and visit", () => {
    const view = decodeUpdate(hosts, CONTEXT);
    validateUpdate(view, CONTEXT);
    visit(view.announced);
  });
  bench("IPv6 /128: judge and visit", () => {
    const view = decodeUpdate(ipv6, CONTEXT);
    validateUpdate(view, CONTEXT);
    visit(view.mpReach?.nlri);
  });
  bench("IPv4 /32 with a malformed attribute: judge", () => void judge(withdrawnAs));
  bench("IPv4 /32 with a malformed prefix: judge", () => void judge(unreadable));
});

describe("a stream", () => {
  const stream = concat(
    ...Array.from({ length: 200 }, () => concat(KEEPALIVE, frame(route), frame(hosts))),
  );
  const framer = new Framer();
  bench(`frame and judge ${stream.length} octets in pieces of 64 KB`, () => {
    for (let at = 0; at < stream.length; at += 65_536) {
      framer.push(stream.subarray(at, at + 65_536));
      for (let next = framer.next(); next !== undefined; next = framer.next()) {
        if ("fault" in next) throw new Error("the stream is sound");
        if (next.type === 2) judge(next.body);
      }
    }
  });
});

describe("text and octets", () => {
  const v4 = encodePrefix("192.0.2.1/32");
  const v6 = encodePrefix("2001:db8:1::1/128");
  bench("encode an IPv4 prefix", () => void encodePrefix("192.0.2.1/32"));
  bench("encode an IPv6 prefix", () => void encodePrefix("2001:db8:1::1/128"));
  bench("format an IPv4 prefix", () => void formatPrefix(1, v4));
  bench("format an IPv6 prefix", () => void formatPrefix(2, v6));
  const attributes = {
    origin: "igp",
    asPath: [{ type: "sequence", asns: [65_001] }],
    nextHop: "192.0.2.1",
    communities: [0xfde9_0064],
  } as const;
  const context = { fourOctetAs: true, internal: false, afi: 1 };
  bench("encode attributes", () => void encodeAttributes(attributes, context));
});

function frame(body: Uint8Array): Uint8Array {
  const length = 19 + body.length;
  return concat(new Uint8Array(16).fill(0xff), Uint8Array.of(length >>> 8, length, 2), body);
}
