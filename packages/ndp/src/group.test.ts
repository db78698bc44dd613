import { describe, expect, it } from "vitest";
import { formatIpv6, parseIpv6, parseMac } from "./address.ts";
import {
  groupMac,
  isGroupMac,
  isLinkLocal,
  isMulticast,
  isSolicitedNodeGroup,
  solicitedNodeGroup,
} from "./group.ts";

describe("groups", () => {
  it.each([
    ["4037::1:800:200e:8c6c", "ff02::1:ff0e:8c6c", "33:33:ff:0e:8c:6c"], // RFC 4291 section 2.7.1
    ["2001:db8::10", "ff02::1:ff00:10", "33:33:ff:00:00:10"],
    ["2001:db8::ffff:ffff", "ff02::1:ffff:ffff", "33:33:ff:ff:ff:ff"],
    ["ff02::1:ff0e:8c6c", "ff02::1:ff0e:8c6c", "33:33:ff:0e:8c:6c"],
  ])("solicits %s at %s and %s", (address, group, mac) => {
    const found = solicitedNodeGroup(parseIpv6(address));
    expect(formatIpv6(found)).toBe(group);
    expect(groupMac(found)).toBe(parseMac(mac));
    expect(isSolicitedNodeGroup(found)).toBe(true);
    expect(isMulticast(found)).toBe(true);
  });

  it.each(["ff02::1", "ff02::1:fe00:1", "ff05::1:ff00:1", "ff02::2:ff00:1", "2001:db8::1:ff00:1"])(
    "knows that %s is no solicited-node group",
    (address) => {
      expect(isSolicitedNodeGroup(parseIpv6(address))).toBe(false);
    },
  );

  it.each([
    ["::", false, false],
    ["fe7f:ffff::", false, false],
    ["fe80::", false, true],
    ["febf:ffff::1", false, true],
    ["fec0::1", false, false],
    ["feff::1", false, false],
    ["ff00::", true, false],
  ])("tells what kind %s is", (address, multicast, linkLocal) => {
    expect(isMulticast(parseIpv6(address))).toBe(multicast);
    expect(isLinkLocal(parseIpv6(address))).toBe(linkLocal);
  });

  it.each([
    ["02:00:00:00:00:01", false],
    ["fe:ff:ff:ff:ff:ff", false],
    ["33:33:00:00:00:01", true],
    ["01:00:5e:00:00:01", true],
    ["ff:ff:ff:ff:ff:ff", true],
  ])("tells whether %s is a group's", (mac, isGroup) => {
    expect(isGroupMac(parseMac(mac))).toBe(isGroup);
  });
});
