import { bfdSockets, LinkMonitor } from "@ingot/linux";
import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BfdSockets } from "../../packages/bfd/src/socket.ts";
import { suite } from "../support/suite.ts";
import { UdpAgent } from "./linux-udp-agent.ts";

const V4 = { a: "10.77.0.1", b: "10.77.0.2" };
const V6 = { a: "2001:db8:77::1", b: "2001:db8:77::2" };
const LINK_LOCAL = { a: "fe80::a", b: "fe80::b" };

suite("BFD sockets", ["netns", "tcpdump"], () => {
  let lab: Lab;
  let a: LabNamespace;
  let b: LabNamespace;
  let near: UdpAgent;
  let far: UdpAgent;

  beforeEach(async () => {
    lab = await Lab.create();
    [a, b] = await Promise.all([lab.namespace("a"), lab.namespace("b")]);
    for (const ns of [a, b]) {
      await ns.sysctl("net.ipv6.conf.all.accept_dad", 0);
      await ns.sysctl("net.ipv6.conf.default.accept_dad", 0);
    }
    await lab.link(
      { ns: a, name: "eth0", addresses: Object.values(addresses("a")) },
      { ns: b, name: "eth0", addresses: Object.values(addresses("b")) },
    );
    [near, far] = await Promise.all([UdpAgent.start(lab, a), UdpAgent.start(lab, b)]);
  });

  afterEach(() => lab.close());

  const addresses = (host: "a" | "b") => ({
    v4: `${V4[host]}/24`,
    v6: `${V6[host]}/64`,
    linkLocal: `${LINK_LOCAL[host]}/64`,
  });

  it("are what BFD needs", async () => {
    const links = await LinkMonitor.open();
    // The compiler's word that it fits.
    const sockets: BfdSockets = bfdSockets(links);
    links.close();
    expect(Object.keys(sockets).sort()).toEqual(["openEcho", "openReceiver", "openSender"]);
  });

  it("let the process end when they are closed", async () => {
    await near.receiver("in", { localAddress: V4.a, port: 3784, minTtl: 255 });
    await near.sender("out", { localAddress: V4.a, remoteAddress: V4.b, port: 3784 });
    await near.echo("echo", { localAddress: V4.a, remoteAddress: V4.b, verdict: "ignore" });
    await near.close("out");
    expect(await near.send("out", "late")).toBe(false);
    near.process.kill("SIGTERM");
    expect(await near.process.exited).toEqual({ code: 0, signal: null });
    expect(near.process.lines.filter((line) => line.startsWith("uncaught"))).toEqual([]);
  });

  describe.each([
    ["IPv4", V4, /tos 0xc0, ttl 255,/, /tos 0x28, ttl 254,/],
    ["IPv6", V6, /class 0xc0, .*hlim 255,/, /class 0x28, .*hlim 254,/],
  ])("with %s", (_, { a: local, b: remote }, usual, other) => {
    const toRemote = { localAddress: local, remoteAddress: remote };

    it("receive what came over one hop, and drop what came over more", async () => {
      await far.receiver("in", { localAddress: remote, port: 3784, minTtl: 255 });
      await near.sender("far", { ...toRemote, port: 3784, ttl: 254 });
      await near.sender("near", { ...toRemote, port: 3784 });
      expect(await near.send("far", "from afar")).toBe(true);
      expect(await near.send("near", "hello")).toBe(true);
      expect(await far.told(/^in got/)).toBe(`in got hello from ${local}`);
      expect((await far.report()).received).toBe(1);
    });

    it("receive over several hops what has enough time to live left", async () => {
      await far.receiver("in", { localAddress: remote, port: 4784, minTtl: 251 });
      for (const ttl of [1, 64, 250, 251, 252]) {
        await near.sender(`${ttl}`, { ...toRemote, port: 4784, ttl });
        await near.send(`${ttl}`, `ttl ${ttl}`);
      }
      await far.told(/^in got ttl 252/);
      expect(far.process.lines.filter((line) => line.startsWith("in "))).toEqual([
        expect.stringContaining("got ttl 251 from"),
        expect.stringContaining("got ttl 252 from"),
      ]);
    });

    it("mark what they send, and send it from the port that they tell", async () => {
      const dump = b.spawn("tcpdump", ["-lnnv", "-i", "eth0", "udp and port 3784"]);
      await dump.waitForLine(/listening on eth0/, 10_000);
      const port = await near.sender("usual", { ...toRemote, port: 3784 });
      await near.sender("other", { ...toRemote, port: 3784, ttl: 254, dscp: 10 });
      await near.send("usual", "hello");
      await near.send("usual", "hello");
      await near.send("other", "hello");
      await dump.waitForLine(new RegExp(other), 5_000);
      const packets = dump.lines
        .join("\n")
        .split(/\n(?=\d\d:)/)
        .slice(1);
      expect(packets).toHaveLength(3);
      for (const packet of packets.slice(0, 2)) {
        expect(packet).toMatch(usual);
        expect(packet).toContain(`${local}.${port} > ${remote}.3784`);
      }
    });

    it("have source ports of their own, also beside another process", async () => {
      const other = await UdpAgent.start(lab, a);
      const options = { ...toRemote, port: 3784 };
      const ports = [...(await near.senders(800, options)), ...(await other.senders(800, options))];
      expect(new Set(ports).size).toBe(1600);
      expect(Math.min(...ports)).toBeGreaterThanOrEqual(49_152);
      expect(Math.max(...ports)).toBeLessThanOrEqual(65_535);
    });

    it("say what the matter is, in a few words", async () => {
      const receiver = { localAddress: local, port: 3784, minTtl: 255 };
      await near.receiver("in", receiver);
      await expect(near.receiver("twice", receiver)).rejects.toThrow(
        `Error: address in use: port 3784 on ${local}`,
      );
      await expect(near.receiver("lost", { ...receiver, localAddress: remote })).rejects.toThrow(
        `Error: address not available: ${remote} is on no interface`,
      );
      await expect(
        near.sender("lost", { localAddress: remote, remoteAddress: local, port: 3784 }),
      ).rejects.toThrow(`Error: address not available: ${remote} is on no interface`);
      await expect(near.receiver("device", { ...receiver, device: "eth7" })).rejects.toThrow(
        "Error: device eth7: no such interface",
      );
    });
  });

  it("stay open while their interface is down", async () => {
    await far.receiver("in", { localAddress: V4.b, device: "eth0", port: 3784, minTtl: 255 });
    const target = { localAddress: V4.a, remoteAddress: V4.b, device: "eth0", port: 3784 };
    await near.sender("out", target);
    await a.setLink("eth0", "down");
    expect(await near.send("out", "into nowhere")).toBe(false);
    await b.setLink("eth0", "down");
    for (const ns of [a, b]) await ns.setLink("eth0", "up");
    const sent = async () => (await near.send("out", "again")) && (await far.report()).received > 0;
    await until(sent, { timeoutMs: 10_000, what: "a packet" });
    await far.told(/^in got again/);
  });

  it("speak between link-local addresses, on the device that is their scope", async () => {
    const options = { localAddress: LINK_LOCAL.b, device: "eth0", port: 3784, minTtl: 255 };
    await far.receiver("in", options);
    await near.sender("out", {
      localAddress: LINK_LOCAL.a,
      remoteAddress: LINK_LOCAL.b,
      device: "eth0",
      port: 3784,
    });
    expect(await near.send("out", "hello")).toBe(true);
    expect(await far.told(/^in got/)).toBe(`in got hello from ${LINK_LOCAL.a}`);
  });

  it("send 2,000 packets a second for as long as it takes, and keep nothing of them", async () => {
    await far.receiver("in", { localAddress: V4.b, port: 3784, minTtl: 255 });
    await near.sender("out", { localAddress: V4.a, remoteAddress: V4.b, port: 3784 });
    expect(await near.flood("out", 2_000, 2)).toBe(4_000);
    const before = { near: await near.report(), far: await far.report() };
    expect(await near.flood("out", 2_000, 4)).toBe(8_000);
    await until(async () => (await far.report()).received === 12_000, {
      timeoutMs: 5_000,
      what: "all packets",
    });
    const after = { near: await near.report(), far: await far.report() };
    for (const end of ["near", "far"] as const) {
      expect(after[end].descriptors).toBe(before[end].descriptors);
      // A hundred octets kept of each packet would be 800,000.
      expect(after[end].memoryBytes - before[end].memoryBytes).toBeLessThan(400_000);
    }
  });

  describe("for echo packets", () => {
    const control = { localAddress: V4.b, remoteAddress: V4.a, port: 3784 };

    it("get back what the neighbour forwards, once its address is known", async () => {
      await b.sysctl("net.ipv4.ip_forward", 1);
      await near.echo("e", { localAddress: V4.a, remoteAddress: V4.b, verdict: "ours" });
      expect(await near.send("e", "too early")).toBe(false);
      await far.sender("spoofed", { ...control, ttl: 254 });
      await far.send("spoofed", "from afar");
      await far.sender("control", control);
      const dump = b.spawn("tcpdump", ["-lnnvv", "-i", "eth0", "udp and port 3785"]);
      await dump.waitForLine(/listening on eth0/, 10_000);
      expect(await near.send("e", "too early")).toBe(false);
      await far.send("control", "I am here");
      await until(() => near.send("e", "round trip"), { timeoutMs: 5_000, what: "its address" });
      await near.told(/^e echo round trip$/);
      for (const ttl of [255, 254]) {
        const packet = new RegExp(
          String.raw`tos 0xc0, ttl ${ttl}, .*\n.* 10\.77\.0\.1\.3785 > 10\.77\.0\.1\.3785: \[udp sum ok\]`,
        );
        const seen = () => packet.test(dump.lines.join("\n"));
        await until(seen, { timeoutMs: 5_000, what: `an echo packet with TTL ${ttl}` });
      }
    });

    it("send back what a neighbour wants back, when they are told to", async () => {
      await near.echo("e", { localAddress: V4.a, remoteAddress: V4.b, verdict: "return" });
      const port = await far.sender("echo", { ...control, port: 3785 });
      // Comes back to the port that it was sent from, which only sends.
      const dump = b.spawn("tcpdump", ["-lnnvv", "-i", "eth0", `udp and dst port ${port}`]);
      await dump.waitForLine(/listening on eth0/, 10_000);
      expect(await far.send("echo", "ping")).toBe(true);
      await near.told(/^e echo ping$/);
      await dump.waitForLine(/ttl 254/, 5_000);
      await dump.waitForLine(/10\.77\.0\.1\.3785 > .* \[udp sum ok\] UDP, length 4/, 5_000);
    });

    it("find their interface by the address, and say when there is none", async () => {
      const options = { localAddress: "10.77.0.9", remoteAddress: V4.b, verdict: "ours" } as const;
      await expect(near.echo("e", options)).rejects.toThrow(
        "Error: address not available: 10.77.0.9 is on no interface",
      );
      await expect(near.echo("e", { ...options, localAddress: V6.a })).rejects.toThrow(
        `RangeError: localAddress must be the IPv4 address of a host, got ${V6.a}`,
      );
    });
  });
});
