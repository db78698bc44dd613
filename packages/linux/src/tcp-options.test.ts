import { describe, expect, it } from "vitest";
import { checkListen, checkTarget, checkTransport } from "./tcp-options.ts";
import { tcpTransport } from "./tcp-transport.ts";

describe("options of TCP", () => {
  it("make a target", () => {
    const target = { address: "::ffff:192.0.2.1", port: 179, ttl: 255, minTtl: 254 };
    expect(checkTarget(target)).toMatchObject({
      family: 4,
      remote: { text: "192.0.2.1" },
      port: 179,
      ttl: 255,
      minTtl: 254,
    });
  });

  it.each([
    [{ address: "192.0.2.1", port: 0 }, "port must be an integer from 1 to 65535, got 0"],
    [{ address: "192.0.2.1", port: 65_536 }, "port must be an integer from 1 to 65535, got 65536"],
    [{ address: "router", port: 179 }, 'address must be an IP address, got "router"'],
    [{ address: "0.0.0.0", port: 179 }, "address must be that of a host, got 0.0.0.0"],
    [{ address: "ff02::1", port: 179 }, "address must be that of a host, got ff02::1"],
    [{ address: "192.0.2.1", port: 179, ttl: 0 }, "ttl must be an integer from 1 to 255, got 0"],
  ])("refuse the target %j", (target, message) => {
    expect(() => checkTarget(target)).toThrow(new RangeError(message));
  });

  it("give a link-local target its zone, if Node can read it", () => {
    const target = { address: "fe80::b", port: 179 };
    expect(checkTarget({ ...target, device: "eth0.7" }).host).toBe("fe80::b%eth0.7");
    expect(checkTarget({ ...target, address: "2001:db8::b", device: "my_if" }).host).toBe(
      "2001:db8::b",
    );
    expect(() => checkTarget({ ...target, device: "my_if" })).toThrow(
      new RangeError(
        'device must have only letters, digits, hyphens, dots and colons in its name to be the scope of fe80::b, got "my_if"',
      ),
    );
  });

  it("make a listener, on a port of the system's choice if need be", () => {
    expect(checkListen({ localAddress: "::", port: 0 })).toMatchObject({
      family: 6,
      local: { text: "::" },
      port: 0,
    });
  });

  it.each([
    [{ localAddress: "", port: 179 }, 'localAddress must be an IP address, got ""'],
    [{ localAddress: "::", port: -1 }, "port must be an integer from 0 to 65535, got -1"],
  ])("refuse the listener %j", (options, message) => {
    expect(() => checkListen(options)).toThrow(new RangeError(message));
  });

  it("refuse a transport that repeats what it need not", () => {
    expect(() => checkTransport({ synRetries: 0 })).toThrow(
      new RangeError("synRetries must be an integer from 1 to 127, got 0"),
    );
  });
});

describe("TCP transport", () => {
  const never = {
    connected: () => expect.unreachable(),
    failed: () => expect.unreachable(),
  };

  it("throws at once when a dial's option is wrong, and calls nothing back", () => {
    const { dial } = tcpTransport();
    const target = { address: "192.0.2.1", port: 179 };
    expect(() => dial({ ...target, minTtl: 300 }, never)).toThrow(
      new RangeError("minTtl must be an integer from 1 to 255, got 300"),
    );
    expect(() => dial({ ...target, password: "" }, never)).toThrow(
      new RangeError("password must have 1 to 80 octets, got 0"),
    );
  });

  it("rejects when a listener's option is wrong", async () => {
    const { listen } = tcpTransport();
    await expect(
      listen({ localAddress: "192.0.2.1", port: 179, dscp: 99 }, () => {}),
    ).rejects.toThrow(new RangeError("dscp must be an integer from 0 to 63, got 99"));
  });
});
