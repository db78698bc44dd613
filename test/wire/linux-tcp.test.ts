import { fileURLToPath } from "node:url";
import { tcpTransport } from "@ingot/linux";
import { until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BgpTransport } from "../../packages/bgp/src/transport.ts";
import { suite } from "../support/suite.ts";
import type { TcpAgent } from "./linux-tcp-agent.ts";
import { TcpLab, V4, V6 } from "./linux-tcp-lab.ts";

/** The compiler's word that it fits. */
const transport: BgpTransport = tcpTransport();

suite("TCP transport", ["netns"], () => {
  let net: TcpLab;
  let dialer: TcpAgent;
  let listener: TcpAgent;

  beforeEach(async () => {
    net = await TcpLab.create();
    [dialer, listener] = await Promise.all([net.start(net.a), net.start(net.b)]);
  });

  afterEach(() => net.close());

  it("is what a BGP speaker needs", () => {
    expect(Object.keys(transport).sort()).toEqual(["dial", "listen"]);
  });

  it("ends by itself when everything is closed", async () => {
    const port = await listener.listen("in", { localAddress: V4.b, port: 0 });
    await dialer.dial("out", { address: V4.b, port });
    await listener.told("in1", /^connected/);
    for (const agent of [listener, dialer]) {
      agent.process.kill("SIGTERM");
      expect(await agent.process.exited).toEqual({ code: 0, signal: null });
      expect(agent.process.lines.filter((line) => line.startsWith("uncaught"))).toEqual([]);
    }
  });

  describe.each([
    ["IPv4", V4],
    ["IPv6", V6],
  ])("with %s", (_, { a: client, b: server }) => {
    it("tells both ends' addresses, and carries octets both ways", async () => {
      const port = await listener.listen("in", { localAddress: server, port: 0 });
      const told = await dialer.dial("out", { address: server, port, localAddress: client });
      expect(told).toBe(`connected ${client} to ${server} true`);
      expect(await listener.told("in1", /^connected/)).toBe(
        `connected ${server} to ${client} true`,
      );
      await dialer.ask({ type: "write", id: "out", text: "there" });
      await listener.told("in1", /^data there$/);
      await listener.ask({ type: "write", id: "in1", text: "back" });
      await dialer.told("out", /^data back$/);
      await listener.ask({ type: "destroy", id: "in1" });
      expect(await dialer.told("out", /^closed/)).toBe("closed: closed by the peer");
      expect(listener.lines("in1").filter((line) => line.startsWith("closed"))).toEqual([]);
    });

    it("says what the matter is, in a few words", async () => {
      const nowhere = server.includes(":") ? "2001:db8:ffff::1" : "192.0.2.1";
      const missing = server.includes(":") ? "2001:db8:77::9" : "10.77.0.9";
      const silent = server.includes(":") ? "2001:db8:77::77" : "10.77.0.77";
      const refused = { address: server, port: 1 };
      expect(await dialer.dial("refused", refused)).toBe("failed: connection refused");
      expect(await dialer.dial("nowhere", { address: nowhere, port: 1 })).toBe(
        "failed: network is unreachable",
      );
      expect(await dialer.dial("silent", { address: silent, port: 1 })).toBe(
        "failed: no route to host",
      );
      expect(await dialer.dial("device", { ...refused, device: "eth7" })).toBe(
        "failed: device eth7: no such interface",
      );
      const note = server.includes(":") ? ", or duplicate address detection is not done yet" : "";
      const unavailable = `address not available: ${missing} is on no interface${note}`;
      expect(await dialer.dial("local", { ...refused, localAddress: missing })).toBe(
        `failed: ${unavailable}`,
      );
      const port = await listener.listen("in", { localAddress: server, port: 0 });
      await expect(listener.listen("twice", { localAddress: server, port })).rejects.toThrow(
        `Error: address in use: port ${port} on ${server}`,
      );
      await expect(listener.listen("lost", { localAddress: missing, port })).rejects.toThrow(
        `Error: ${unavailable}`,
      );
    });
  });

  it("keeps IPv4 out of an IPv6 listener, so that both can listen on one port", async () => {
    const port = await listener.listen("six", { localAddress: "::", port: 0 });
    expect(await dialer.dial("refused", { address: V4.b, port })).toBe(
      "failed: connection refused",
    );
    expect(await listener.listen("four", { localAddress: "0.0.0.0", port })).toBe(port);
    expect(await dialer.dial("six", { address: V6.b, port })).toMatch(/^connected/);
    // An IPv4-mapped address is the IPv4 address.
    expect(await dialer.dial("four", { address: `::ffff:${V4.b}`, port })).toBe(
      `connected ${V4.a} to ${V4.b} true`,
    );
  });

  it("lets the last octets leave when it ends", async () => {
    const port = await listener.listen("in", { localAddress: V4.b, port: 0 });
    await dialer.dial("out", { address: V4.b, port });
    await listener.told("in1", /^connected/);
    const { written } = await dialer.ask({
      type: "write",
      id: "out",
      text: "x",
      repeat: 100_000,
      count: 3,
    });
    expect(written).toBeGreaterThan(1);
    await dialer.ask({ type: "end", id: "out" });
    await until(async () => (await listener.report("in1")).received === Number(written) * 100_000, {
      timeoutMs: 5_000,
      what: "everything that was written",
    });
    await listener.told("in1", /^closed: closed by the peer$/);
    await dialer.told("out", /^closed: closed by the peer$/);
    // After its end it takes nothing, and harms nothing.
    expect(await dialer.ask({ type: "write", id: "out", text: "late" })).toMatchObject({
      more: false,
    });
  });

  it("tells nothing any more once it is destroyed", async () => {
    const port = await listener.listen("in", { localAddress: V4.b, port: 0 });
    await dialer.dial("out", { address: V4.b, port });
    await listener.told("in1", /^connected/);
    await dialer.ask({ type: "destroy", id: "out" });
    await listener.told("in1", /^closed: closed by the peer$/);
    expect(dialer.lines("out").filter((line) => line.startsWith("closed"))).toEqual([]);
  });

  it("is full when its peer does not read, drains in order, and reads on after its end", async () => {
    const peer = net.b.spawn(process.execPath, [SLOW_PEER, V4.b]);
    const port = Number((await peer.waitForLine(/^port /, 10_000)).slice(5));
    await dialer.dial("out", { address: V4.b, port });
    const write = { type: "write", id: "out", text: "0123456789abcdef", repeat: 1024 };
    const fill = async (): Promise<number> => {
      const { written, more } = await dialer.ask({ ...write, count: 100_000 });
      expect(more).toBe(false);
      return Number(written) * 16_384;
    };
    const drained = (times: number) =>
      until(async () => (await dialer.report("out")).drains === times, {
        timeoutMs: 10_000,
        what: `drain ${times}`,
      });
    const first = await fill();
    // What the system took at once, and 128 KiB here.
    expect(first).toBeGreaterThanOrEqual(131_072);
    peer.kill("SIGUSR1");
    await drained(1);
    const second = await fill();
    await drained(2);
    await dialer.ask({ type: "end", id: "out" });
    await peer.waitForLine(new RegExp(`^got ${first + second} in order$`), 10_000);
    await dialer.told("out", /^data goodbye$/);
    await dialer.told("out", /^closed: closed by the peer$/);
  });

  it("can be cancelled while it dials, and tells nothing then", async () => {
    const port = await listener.listen("in", { localAddress: V4.b, port: 0 });
    await listener.setKey("in", V4.a, 32, "key");
    const { descriptors } = await dialer.report("out");
    for (let i = 0; i < 20; i += 1) {
      const target = { address: V4.b, port, password: "wrong" };
      await dialer.startDial(`out${i}`, target, 1, i % 2 === 0);
    }
    for (let i = 0; i < 20; i += 1) {
      await dialer.ask({ type: "cancel", id: `out${i}` });
      await dialer.ask({ type: "cancel", id: `out${i}` });
    }
    expect((await dialer.report("out")).descriptors).toBe(descriptors);
    // Longer than a dial that is not cancelled lasts.
    expect(await dialer.dial("last", { address: V4.b, port, password: "wrong" }, 1)).toBe(
      "failed: timed out",
    );
    expect(dialer.process.lines.filter((line) => line.startsWith("out"))).toEqual([]);
    expect((await dialer.report("out")).descriptors).toBe(descriptors);
  });

  it("tells once that a connection was lost", async () => {
    const port = await listener.listen("in", { localAddress: V4.b, port: 0 });
    await dialer.dial("out", { address: V4.b, port });
    await listener.told("in1", /^connected/);
    await net.b.exec("ss", ["--kill", "state", "established", "dst", V4.a]);
    expect(await dialer.told("out", /^closed/)).toBe("closed: connection reset by the peer");
    expect(await listener.told("in1", /^closed/)).toBe("closed: connection aborted");
  });

  it("hears the last word of a peer that has left, though a write fails first", async () => {
    const peer = net.b.spawn(process.execPath, [ABRUPT_PEER, V4.b]);
    const port = Number((await peer.waitForLine(/^port /, 10_000)).slice(5));
    await dialer.dial("out", { address: V4.b, port });
    // The first is answered by the last word, the second by a reset, and the third fails.
    const texts = ["first", "second", "third"];
    await dialer.ask({ type: "writeLate", id: "out", texts, pauseMs: 200 });
    const closed = await dialer.told("out", /^closed/);
    expect(dialer.lines("out").slice(1)).toEqual(["data goodbye", closed]);
  });

  it("accepts no more once it is closed, and leaves connections alone", async () => {
    const port = await listener.listen("in", { localAddress: V4.b, port: 0 });
    await dialer.dial("out", { address: V4.b, port });
    await listener.told("in1", /^connected/);
    await listener.ask({ type: "closeListener", id: "in" });
    await listener.ask({ type: "closeListener", id: "in" });
    expect(await dialer.dial("late", { address: V4.b, port })).toBe("failed: connection refused");
    await dialer.ask({ type: "write", id: "out", text: "still" });
    await listener.told("in1", /^data still$/);
    await expect(listener.setKey("in", V4.a, 32, "key")).rejects.toThrow("the listener is closed");
  });
});

const ABRUPT_PEER = fileURLToPath(new URL("./linux-tcp-abrupt-peer.mjs", import.meta.url));
const SLOW_PEER = fileURLToPath(new URL("./linux-tcp-slow-peer.mjs", import.meta.url));
