import { describe, expect, it } from "vitest";
import { canonicalGroup, solicitedNodeGroup } from "./multicast.ts";

describe("solicited-node group", () => {
  it.each([
    // RFC 4291 section 2.7.1
    ["4037::01:800:200e:8c6c", "ff02::1:ff0e:8c6c"],
    ["2001:db8::99", "ff02::1:ff00:99"],
    ["fe80::", "ff02::1:ff00:0"],
    ["::ffff:192.0.2.1", "ff02::1:ff00:201"],
  ])("of %s is %s", (target, group) => {
    expect(solicitedNodeGroup(target)).toBe(group);
  });

  it("is refused for what cannot be solicited", () => {
    expect(() => solicitedNodeGroup("ff02::2")).toThrow(
      new RangeError('target must not be a multicast address, got "ff02::2"'),
    );
    expect(() => solicitedNodeGroup("192.0.2.1")).toThrow("target must be an IPv6 address");
  });
});

describe("canonical group", () => {
  it.each([
    ["FF02:0:0:0:0:0:0:2", "ff02::2"],
    ["ff05::1:3", "ff05::1:3"],
  ])("of %s is %s", (text, group) => {
    expect(canonicalGroup(text)).toBe(group);
  });

  it("is refused for an address that is no group", () => {
    expect(() => canonicalGroup("fe80::1")).toThrow(
      new RangeError('group must be a multicast address, got "fe80::1"'),
    );
    expect(() => canonicalGroup("all routers")).toThrow("group must be an IPv6 address");
  });
});
