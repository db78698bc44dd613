import { describe, expect, it } from "vitest";
import { decodePrefixes, encodePrefix } from "./prefix.ts";
import { PrefixCensus } from "./prefix-census.ts";
import { concat } from "./testing/octets.ts";

const field = (...prefixes: string[]) => concat(...prefixes.map(encodePrefix));

describe("prefix census", () => {
  it.each([
    ["IPv4", 1, ["10.0.0.0/8", "10.0.0.0/9", "192.0.2.255/32", "0.0.0.0/0"]],
    ["IPv6", 2, ["2001:db8::/32", "2001:db8::/33", "::/0", "2001:db8::1/128"]],
  ])("tells prefixes of %s apart, and counts each once", (_, afi, prefixes) => {
    const census = new PrefixCensus(10);
    const nlri = decodePrefixes(field(...prefixes), afi);
    expect(census.add(nlri)).toBe(true);
    expect(census.add(nlri)).toBe(true);
    expect(census.size).toBe(prefixes.length);
    census.remove(decodePrefixes(field(prefixes[1] ?? ""), afi));
    expect(census.size).toBe(prefixes.length - 1);
  });

  it("takes bits after the length for nothing", () => {
    const census = new PrefixCensus(1);
    census.add(decodePrefixes(Uint8Array.of(9, 10, 0x80), 1));
    expect(census.add(decodePrefixes(Uint8Array.of(9, 10, 0xff), 1))).toBe(true);
  });

  it("keeps no more than it needs to know that there are too many", () => {
    const census = new PrefixCensus(2);
    const many = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}/32`);
    expect(census.add(decodePrefixes(field(...many), 1))).toBe(false);
    expect(census.size).toBe(3);
  });
});
