import { VirtualClock, Wire, type WireOptions } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { macToBytes, parseIpv6 } from "./address.ts";
import { routerSolicitation } from "./frames.ts";
import { UNSPECIFIED } from "./group.ts";
import { RouterAdvertiser, type RouterAdvertiserOptions } from "./router-advertiser.ts";
import { RouterListener, type RouterListenerOptions } from "./router-listener.ts";
import { captured } from "./testing/captured.ts";
import { FakeSocket } from "./testing/fake-socket.ts";
import { Nic } from "./testing/nic.ts";

const ours = 0x0200_0000_000a;
const theirs = 0x0200_0000_000b;
const { frame, packet } = captured["an advertisement with everything"];
const router = {
  address: "fe80::ff:fe00:b",
  mac: "02:00:00:00:00:0b",
  preference: "high",
  managed: true,
  otherConfiguration: true,
  expiresAt: 1_801_000,
};
const prefix = {
  prefix: "2001:db8:1::/64",
  onLink: true,
  autonomous: false,
  preferredUntil: 601_000,
  expiresAt: Number.POSITIVE_INFINITY,
};

/** A listener whose events are written down. */
function listen(options: RouterListenerOptions = {}) {
  const socket = new FakeSocket(ours);
  const clock = new VirtualClock(1_000);
  const listener = new RouterListener(socket, clock, { random: () => 0.5, ...options });
  return { socket, clock, listener, events: written(listener) };
}

function written(listener: RouterListener): (readonly [name: string, what: unknown])[] {
  const events: (readonly [name: string, what: unknown])[] = [];
  const names = ["router", "prefix", "dnsServer", "mtu", "heard", "malformed", "invalid"] as const;
  for (const name of names) listener.on(name, (what: unknown) => events.push([name, what]));
  const gone = ["routerGone", "prefixGone", "dnsServerGone"] as const;
  for (const name of gone) listener.on(name, (what: unknown) => events.push([name, what]));
  return events;
}

describe("router listener", () => {
  it("asks, from its own address or from none", () => {
    const { socket, clock } = listen();
    clock.advance(30_000);
    const asked = routerSolicitation(UNSPECIFIED, ours);
    expect(socket.sent()).toEqual([asked, asked, asked]);
    expect(clock.pending).toBe(0);
    const other = listen({ linkLocal: "fe80::ff:fe00:a" });
    other.clock.advance(500);
    expect(other.socket.sent()).toEqual([routerSolicitation(parseIpv6("fe80::ff:fe00:a"), ours)]);
    other.socket.mac = macToBytes(0x0200_0000_0002);
    other.socket.onUp?.();
    other.clock.advance(500);
    expect(other.socket.sent()).toMatchObject([{ sourceMac: 0x0200_0000_0002 }]);
  });

  it("tells what it heard, in text, and forgets it in time", () => {
    const { socket, clock, listener, events } = listen();
    socket.onFrame?.(frame);
    const [first, second] = ["2001:db8::53", "2001:db8::54"].map((address) => ({
      address,
      expiresAt: 901_000,
    }));
    expect(events.splice(0)).toEqual([
      ["heard", { address: router.address, mac: router.mac, lifetimeSeconds: 1_800 }],
      ["router", router],
      ["mtu", 1_400],
      ["prefix", prefix],
      ["dnsServer", first],
      ["dnsServer", second],
    ]);
    expect(listener.routers).toEqual([router]);
    expect(listener.prefixes).toEqual([prefix]);
    expect(listener.dnsServers).toEqual([first, second]);
    expect(listener.mtu).toBe(1_400);
    clock.advance(900_000);
    expect(events.splice(0)).toEqual([
      ["dnsServerGone", "2001:db8::53"],
      ["dnsServerGone", "2001:db8::54"],
    ]);
    clock.advance(900_000);
    expect(events.splice(0)).toEqual([["routerGone", "fe80::ff:fe00:b"]]);
    socket.receive({
      ...packet,
      lifetimeSeconds: 0,
      options: [{ ...packet.options[2], validSeconds: 0, preferredSeconds: 0 }],
    });
    expect(events.map(([name]) => name)).toEqual(["heard", "prefixGone"]);
    expect([listener.routers, listener.prefixes]).toEqual([[], []]);
  });

  it("ignores what is no advertisement, and its own", () => {
    const { socket, listener, events } = listen();
    socket.receive(captured["a router solicitation"].packet);
    socket.receive({ ...packet, sourceMac: ours });
    socket.receive({ ...packet, source: parseIpv6("2001:db8::1") });
    socket.onFrame?.(frame.subarray(0, 80));
    expect(events).toEqual([
      ["invalid", "router is not link-local"],
      ["malformed", expect.objectContaining({ offset: 80 })],
    ]);
    const counters = { ignored: 2, malformed: 1, invalid: 1, dropped: 0 };
    expect(listener.frameCounters).toEqual(counters);
  });

  it("lets a listener close it, and is silent from then on", () => {
    const { socket, clock, listener, events } = listen();
    const late = [socket.onUp, socket.onFrame] as const;
    listener.on("router", () => listener.close());
    socket.onFrame?.(frame);
    expect(events).toHaveLength(2);
    late[0]?.();
    late[1]?.(frame);
    listener.close();
    clock.advance(10_000_000);
    expect(events).toHaveLength(2);
    expect(socket.sent()).toEqual([]);
    expect(socket.closed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("refuses an address to ask from that is not link-local", () => {
    expect(() => listen({ linkLocal: "2001:db8::1" })).toThrow(
      new RangeError("linkLocal must be in fe80::/10, got 2001:db8::1"),
    );
    expect(() => listen({ linkLocal: "eth0" })).toThrow(TypeError);
  });
});

/** A host that listens, and a router that can be started, on one segment. */
function segment(options: WireOptions) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const host = new Nic(wire, ours);
  const listener = new RouterListener(host, clock, { random: () => 0.3 });
  const advertise = (said: Omit<RouterAdvertiserOptions, "linkLocal">) => {
    const linkLocal = "fe80::ff:fe00:b";
    return new RouterAdvertiser(new Nic(wire, theirs), clock, { linkLocal, ...said });
  };
  return { clock, listener, advertise };
}

describe("a router and a host on a segment", () => {
  it.each([1, 2, 3, 4, 5])(
    "agree on a wire that loses, repeats and reorders frames (seed %i)",
    (seed) => {
      const bad = { delayMs: 1, loss: 0.2, duplication: 0.1, reordering: 0.2, seed };
      const { clock, listener, advertise } = segment(bad);
      const events = written(listener);
      clock.advance(2_000);
      const advertiser = advertise({
        lifetimeSeconds: 1_800,
        mtu: 1_400,
        prefixes: [{ prefix: "2001:db8:1::/64", validSeconds: 3_600 }],
        random: () => 0.7,
      });
      clock.advance(60_000);
      expect(listener.routers).toMatchObject([{ address: "fe80::ff:fe00:b" }]);
      expect(listener.prefixes).toMatchObject([{ prefix: "2001:db8:1::/64" }]);
      expect(listener.mtu).toBe(1_400);
      clock.advance(10_000_000);
      expect(events.filter(([name]) => name !== "heard")).toMatchObject([
        ["router", {}],
        ["mtu", 1_400],
        ["prefix", {}],
      ]);
      advertiser.close();
      clock.advance(3_600_100);
      expect([listener.routers, listener.prefixes]).toEqual([[], []]);
      expect(clock.pending).toBe(0);
    },
  );

  it("find each other before the host asks, and part at once", () => {
    const { clock, listener, advertise } = segment({ delayMs: 1 });
    const advertiser = advertise({ lifetimeSeconds: 1_800, random: () => 0.7 });
    clock.advance(1);
    expect(listener.routers).toHaveLength(1);
    clock.advance(10_000);
    expect(advertiser.counters.solicitationsReceived).toBe(0);
    advertiser.close();
    clock.advance(1);
    expect(listener.routers).toEqual([]);
  });
});
