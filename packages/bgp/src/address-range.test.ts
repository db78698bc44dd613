import { describe, expect, it } from "vitest";
import { AddressRange, canonicalAddress } from "./address-range.ts";

describe("addresses of peers", () => {
  it.each([
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.128/25", "192.0.2.127", false],
    ["0.0.0.0/0", "203.0.113.1", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
  ])("%s has %s: %s", (range, address, expected) => {
    expect(new AddressRange(range).has(address)).toBe(expected);
  });

  it.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["192.0.2.1", "192.0.2.1"],
  ])("folds %s to %s", (text, expected) => {
    expect(canonicalAddress(text)).toBe(expected);
  });
});
