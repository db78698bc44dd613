import { type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import type { TcpAgent } from "./linux-tcp-agent.ts";
import { LINK_LOCAL, TcpLab, V4, V6 } from "./linux-tcp-lab.ts";

suite("options of TCP", ["netns", "setpriv", "tcpdump"], () => {
  let net: TcpLab;
  let dialer: TcpAgent;
  let listener: TcpAgent;

  beforeEach(async () => {
    net = await TcpLab.create();
    [dialer, listener] = await Promise.all([net.start(net.a), net.start(net.b)]);
  });

  afterEach(() => net.close());

  describe.each([
    ["IPv4", V4],
    ["IPv6", V6],
  ])("with %s", (_, { a: client, b: server }) => {
    const whole = server.includes(":") ? 128 : 32;

    it("signs with the right key only, and changes keys while it listens", async () => {
      const port = await listener.listen("in", { localAddress: server, port: 0 });
      const target = { address: server, port };
      await listener.setKey("in", client, whole, "first");
      const silence = await Promise.all([
        dialer.dial("none", target, 1),
        dialer.dial("wrong", { ...target, password: "second" }, 1),
      ]);
      expect(silence).toEqual(["failed: timed out", "failed: timed out"]);
      expect(await dialer.dial("right", { ...target, password: "first" }, 1)).toMatch(/^connected/);
      await listener.setKey("in", client, whole, "second");
      expect(await dialer.dial("changed", { ...target, password: "second" }, 1)).toMatch(
        /^connected/,
      );
      expect(await dialer.dial("old", { ...target, password: "first" }, 1)).toBe(
        "failed: timed out",
      );
      // A connection keeps the key it was made with.
      await dialer.ask({ type: "write", id: "right", text: "still" });
      await listener.told("in1", /^data still$/);
      await listener.setKey("in", client, whole, undefined);
      await listener.setKey("in", client, whole, undefined);
      expect(await dialer.dial("open", target, 1)).toMatch(/^connected/);
      expect(await dialer.dial("stale", { ...target, password: "second" }, 1)).toBe(
        "failed: timed out",
      );
    });

    it("has keys for all peers, for a prefix and for one peer, of which the longest counts", async () => {
      const port = await listener.listen("in", {
        localAddress: server,
        port: 0,
        password: "everybody",
      });
      const target = { address: server, port };
      expect(await dialer.dial("none", target, 1)).toBe("failed: timed out");
      expect(await dialer.dial("any", { ...target, password: "everybody" }, 1)).toMatch(
        /^connected/,
      );
      await listener.setKey("in", client, whole - 8, "prefix");
      expect(await dialer.dial("prefix", { ...target, password: "prefix" }, 1)).toMatch(
        /^connected/,
      );
      await listener.setKey("in", client, whole, "one");
      expect(await dialer.dial("one", { ...target, password: "one" }, 1)).toMatch(/^connected/);
      expect(await dialer.dial("shadowed", { ...target, password: "prefix" }, 1)).toBe(
        "failed: timed out",
      );
    });

    it("drops what came from too far, at either end", async () => {
      const options = { localAddress: server, port: 0 };
      const strict = await listener.listen("strict", { ...options, minTtl: 255 });
      const lax = await listener.listen("lax", { ...options, ttl: 254 });
      const outcomes = await Promise.all([
        dialer.dial("far", { address: server, port: strict, ttl: 254 }, 1),
        dialer.dial("near", { address: server, port: strict, ttl: 255 }, 1),
        dialer.dial("picky", { address: server, port: lax, minTtl: 255 }, 1),
        dialer.dial("fine", { address: server, port: lax, minTtl: 254 }, 1),
      ]);
      expect(outcomes).toEqual([
        "failed: timed out",
        expect.stringMatching(/^connected/),
        "failed: timed out",
        expect.stringMatching(/^connected/),
      ]);
    });

    it("drops what comes from too far on a connection it accepted", async () => {
      const port = await listener.listen("in", { localAddress: server, port: 0 });
      await dialer.dial("out", { address: server, port, ttl: 64 });
      await listener.told("in1", /^connected/);
      await listener.ask({ type: "setMinTtl", id: "in1", minTtl: 255 });
      await dialer.ask({ type: "write", id: "out", text: "from afar" });
      const dropped = async () => /TCPMinTTLDrop [1-9]/.test(await tcpCounters(net.b));
      await until(dropped, { timeoutMs: 5_000, what: "a drop for its TTL" });
      expect((await listener.report("in1")).received).toBe(0);
      await listener.ask({ type: "setMinTtl", id: "in1", minTtl: 64 });
      await listener.told("in1", /^data from afar$/);
    });
  });

  it("binds to a device, also where two have the same network", async () => {
    const c = await net.neighbour("c", "eth1");
    const other = await net.start(c);
    const port = await other.listen("in", { localAddress: V4.b, port: 0 });
    const target = { address: V4.b, port };
    expect(await dialer.dial("first", { ...target, device: "eth0" })).toBe(
      "failed: connection refused",
    );
    expect(await dialer.dial("second", { ...target, device: "eth1" })).toMatch(/^connected/);
    await other.told("in1", /^connected/);
  });

  it("speaks between link-local addresses, signed, on the device that is their scope", async () => {
    await net.neighbour("c", "eth1");
    const port = await listener.listen("in", {
      localAddress: LINK_LOCAL.b,
      device: "eth0",
      port: 0,
    });
    await listener.setKey("in", LINK_LOCAL.a, 128, "key");
    const target = { address: LINK_LOCAL.b, localAddress: LINK_LOCAL.a, port, password: "key" };
    const told = await dialer.dial("out", { ...target, device: "eth0" });
    expect(told).toBe(`connected ${LINK_LOCAL.a} to ${LINK_LOCAL.b} true`);
    expect(await listener.told("in1", /^connected/)).toBe(
      `connected ${LINK_LOCAL.b} to ${LINK_LOCAL.a} true`,
    );
    const { password: _, ...unsigned } = target;
    expect(await dialer.dial("elsewhere", { ...unsigned, device: "eth1" })).toBe(
      "failed: connection refused",
    );
  });

  it("needs no capability, but for a port below 1024", async () => {
    const powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
    const plain = await net.start(net.b, powerless);
    const options = { device: "eth0", ttl: 255, minTtl: 255, dscp: 48, password: "key" };
    const listen = { ...options, localAddress: V4.b };
    await expect(plain.listen("low", { ...listen, port: 179 })).rejects.toThrow(
      `MissingCapabilityError: port 179 on ${V4.b} needs CAP_NET_BIND_SERVICE, which this process lacks. `,
    );
    const port = await plain.listen("in", { ...listen, port: 0 });
    expect(await dialer.dial("out", { ...options, address: V4.b, port })).toMatch(/^connected/);
    const back = await dialer.listen("in", { ...options, localAddress: V4.a, port: 0 });
    expect(
      await plain.dial("out", { ...options, address: V4.a, localAddress: V4.b, port: back }),
    ).toMatch(/^connected/);
  });

  it.each([
    ["IPv4", V4, /tos 0xc0, ttl 255,/, /tos 0xb8, ttl 3,/],
    ["IPv6", V6, /class 0xc0, .*hlim 255,/, /class 0xb8, .*hlim 3,/],
  ])("marks %s packets, from the first one on", async (_, { a: client, b: server }, own, other) => {
    const dump = net.b.spawn("tcpdump", ["-lnnv", "-i", "eth0", "tcp"]);
    await dump.waitForLine(/listening on eth0/, 10_000);
    const port = await listener.listen("in", {
      localAddress: server,
      port: 0,
      ttl: 3,
      dscp: 46,
      password: "key",
    });
    await dialer.dial("out", { address: server, port, ttl: 255, password: "key" });
    await dialer.ask({ type: "write", id: "out", text: "there" });
    await listener.told("in1", /^data/);
    await listener.ask({ type: "write", id: "in1", text: "and back" });
    await dialer.told("out", /^data/);
    await dump.waitForLine(/length 8/, 5_000);
    const packets = dump.lines
      .join("\n")
      .split(/\n(?=\d\d:)/)
      .filter((text) => /Flags/.test(text));
    const from = (address: string) =>
      packets.filter((text) => new RegExp(` ${address}\\.\\d+ >`).test(text));
    expect(from(client).length).toBeGreaterThanOrEqual(3);
    expect(from(server).length).toBeGreaterThanOrEqual(2);
    for (const packet of from(client)) expect(packet).toMatch(own);
    for (const packet of from(server)) expect(packet).toMatch(other);
    for (const packet of packets) expect(packet).toContain("md5");
  });

  const tcpCounters = async (ns: LabNamespace): Promise<string> =>
    (await ns.exec("nstat", ["-a", "-z", "-s"])).stdout.replace(/TcpExt(\w+)\s+(\d+).*/g, "$1 $2");
});
