import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { macToBytes, parseIpv6 } from "./address.ts";
import { routerAdvertisement, routerSolicitation } from "./frames.ts";
import { UNSPECIFIED } from "./group.ts";
import { RouterAdvertiser, type RouterAdvertiserOptions } from "./router-advertiser.ts";
import { routerContent } from "./router-content.ts";
import { captured } from "./testing/captured.ts";
import { FakeSocket } from "./testing/fake-socket.ts";

const ours = 0x0200_0000_000b;
const theirs = 0x0200_0000_000a;
const linkLocal = "fe80::ff:fe00:b";
const said = { lifetimeSeconds: 1_800, prefixes: [{ prefix: "2001:db8:1::/64" }] };
const advertisement = (mac = ours) =>
  routerAdvertisement(routerContent(said), parseIpv6(linkLocal), mac);
const farewell = { ...advertisement(), lifetimeSeconds: 0 };

function advertise(options: Partial<RouterAdvertiserOptions> = {}) {
  const socket = new FakeSocket(ours);
  const clock = new VirtualClock(1_000);
  const random = () => 0.5;
  const advertiser = new RouterAdvertiser(socket, clock, {
    linkLocal,
    ...said,
    random,
    ...options,
  });
  return { socket, clock, advertiser };
}

describe("router advertiser", () => {
  it("advertises from its construction, three times soon and then by its interval", () => {
    const { socket, clock, advertiser } = advertise();
    expect(socket.joined).toEqual(["ff02::2"]);
    expect(socket.sent()).toEqual([advertisement()]);
    clock.advance(32_000);
    expect(socket.sent()).toEqual([advertisement(), advertisement()]);
    clock.advance(398_999);
    expect(socket.sent()).toEqual([]);
    clock.advance(1);
    expect(socket.sent()).toEqual([advertisement()]);
    expect(advertiser.counters.advertisementsSent).toBe(4);
    expect(clock.pending).toBe(1);
  });

  it("answers hosts that ask, with or without an address", () => {
    const { socket, clock, advertiser } = advertise();
    const events: unknown[] = [];
    advertiser.on("solicited", (...who) => events.push(who));
    clock.advance(5_000);
    socket.sent();
    socket.onFrame?.(captured["a router solicitation"].frame);
    socket.receive(routerSolicitation(UNSPECIFIED, theirs));
    expect(socket.sent()).toEqual([]);
    clock.advance(500);
    expect(socket.sent()).toEqual([advertisement()]);
    expect(events).toEqual([
      ["fe80::ff:fe00:a", "02:00:00:00:00:0a"],
      ["::", "02:00:00:00:00:0a"],
    ]);
    expect(advertiser.counters).toEqual({ solicitationsReceived: 2, advertisementsSent: 2 });
  });

  it("ignores what is no such question, and its own", () => {
    const { socket, clock, advertiser } = advertise();
    const told: string[] = [];
    advertiser.on("malformed", (error) => told.push(error.message));
    advertiser.on("invalid", (reason) => told.push(reason));
    clock.advance(5_000);
    socket.sent();
    socket.receive(captured["a solicitation"].packet);
    socket.receive(captured["a router advertisement"].packet);
    socket.receive(routerSolicitation(parseIpv6(linkLocal), ours));
    socket.receive({ ...captured["a router solicitation"].packet, hopLimit: 254 });
    socket.onFrame?.(new Uint8Array(9));
    clock.advance(1_000);
    expect(socket.sent()).toEqual([]);
    expect(told).toEqual(["hop limit is not 255", "frame is short at offset 9"]);
    const counters = { ignored: 3, malformed: 1, invalid: 1, dropped: 0 };
    expect(advertiser.frameCounters).toEqual(counters);
  });

  it("starts again when the interface came up, with its present hardware address", () => {
    const { socket, clock } = advertise();
    clock.advance(100_000);
    socket.sent();
    socket.mac = macToBytes(0x0200_0000_0002);
    socket.onUp?.();
    clock.advance(32_000);
    const again = advertisement(0x0200_0000_0002);
    expect(socket.sent()).toEqual([again, again, again]);
  });

  it("says that it is no router any more, once, and is silent from then on", () => {
    const { socket, clock, advertiser } = advertise();
    socket.sent();
    const late = [socket.onUp, socket.onFrame] as const;
    advertiser.close();
    advertiser.close();
    expect(socket.sent()).toEqual([farewell]);
    late[0]?.();
    late[1]?.(captured["a router solicitation"].frame);
    clock.advance(1_000_000);
    expect(socket.sent()).toEqual([]);
    expect(socket.closed).toBe(1);
    expect(socket.joined).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("lets a listener close it", () => {
    const { socket, advertiser } = advertise();
    socket.sent();
    advertiser.on("solicited", () => advertiser.close());
    socket.onFrame?.(captured["a router solicitation"].frame);
    expect(socket.sent()).toEqual([farewell]);
  });

  it("counts what the socket dropped", () => {
    const { socket, clock, advertiser } = advertise();
    socket.takes = false;
    clock.advance(16_000);
    expect(advertiser.frameCounters.dropped).toBe(1);
    expect(advertiser.counters.advertisementsSent).toBe(1);
  });

  it.each<[Partial<RouterAdvertiserOptions>, string]>([
    [{ linkLocal: "2001:db8::1" }, "linkLocal must be in fe80::/10, got 2001:db8::1"],
    [{ linkLocal: "fe80::1%eth0" }, "address must be IPv6 text"],
    [{ minIntervalMs: 1 }, "minIntervalMs must be from 30 to 450000, got 1"],
    [{ lifetimeSeconds: 70_000 }, "lifetimeSeconds must be from 0 to 65535, got 70000"],
    [{ maxIntervalMs: 1_800_000, lifetimeSeconds: 1_799 }, "lifetimeSeconds must be 0 or at least"],
  ])("refuses the options %j before it touches the socket", (options, message) => {
    const socket = new FakeSocket(ours);
    const all = { linkLocal, ...said, ...options };
    expect(() => new RouterAdvertiser(socket, new VirtualClock(), all)).toThrow(message);
    expect(socket.joined).toEqual([]);
    expect(socket.onFrame).toBeUndefined();
  });
});
