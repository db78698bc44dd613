import { describe, expect, it } from "vitest";
import { ipAddress } from "./ip-address.ts";
import { checkIpOptions } from "./ip-options.ts";

const v4 = ipAddress("address", "192.0.2.1");
const linkLocal = ipAddress("address", "fe80::1");

describe("options of an IP socket", () => {
  it("have defaults", () => {
    expect(checkIpOptions({}, v4)).toEqual({
      family: 4,
      local: undefined,
      device: undefined,
      ttl: undefined,
      minTtl: undefined,
      dscp: 48,
    });
  });

  it("take their family from the peer, or else from the local address", () => {
    expect(checkIpOptions({ device: "eth0" }, linkLocal).family).toBe(6);
    expect(checkIpOptions({ localAddress: "::" }).family).toBe(6);
    expect(checkIpOptions({ localAddress: "::ffff:192.0.2.7" }, v4).local?.text).toBe("192.0.2.7");
  });

  it.each([
    [{ ttl: 0 }, "ttl must be an integer from 1 to 255, got 0"],
    [{ ttl: 256 }, "ttl must be an integer from 1 to 255, got 256"],
    [{ minTtl: 1.5 }, "minTtl must be an integer from 1 to 255, got 1.5"],
    [{ minTtl: Number.NaN }, "minTtl must be an integer from 1 to 255, got NaN"],
    [{ dscp: 64 }, "dscp must be an integer from 0 to 63, got 64"],
    [{ dscp: -1 }, "dscp must be an integer from 0 to 63, got -1"],
    [{ device: "" }, 'device must be the name of an interface, got ""'],
    [
      { device: "sixteen-octets-0" },
      'device must be the name of an interface, got "sixteen-octets-0"',
    ],
    [{ device: "a/b" }, 'device must be the name of an interface, got "a/b"'],
    [{ device: ".." }, 'device must be the name of an interface, got ".."'],
    [{ device: "eth0\0" }, 'device must be the name of an interface, got "eth0\\u0000"'],
    [{ localAddress: "2001:db8::1" }, "localAddress must be an IPv4 address, got 2001:db8::1"],
    [{ localAddress: "here" }, 'localAddress must be an IP address, got "here"'],
  ])("refuse %j", (options, message) => {
    expect(() => checkIpOptions(options, v4)).toThrow(new RangeError(message));
  });

  it.each([
    [{}, linkLocal],
    [{ localAddress: "fe80::1" }, ipAddress("address", "2001:db8::1")],
    [{ localAddress: "fe80::1" }, undefined],
  ])("refuse a link-local address without a device: %j", (options, remote) => {
    expect(() => checkIpOptions(options, remote)).toThrow(
      new RangeError("device must name the interface of fe80::1, got none"),
    );
    expect(checkIpOptions({ ...options, device: "eth0" }, remote).device).toBe("eth0");
  });
});
