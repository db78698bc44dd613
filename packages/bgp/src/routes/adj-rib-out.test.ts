import { describe, expect, it } from "vitest";
import type { PathAttributes } from "../path-attributes.ts";
import { Receiver } from "../testing/receiver.ts";
import { AdjRibOut } from "./adj-rib-out.ts";
import type { Outbox } from "./outbox.ts";
import type { SessionClass } from "./session-class.ts";

const ipv4 = { afi: 1, safi: 1 };
const ipv6 = { afi: 2, safi: 1 };
const session: SessionClass = {
  fourOctetAs: true,
  internal: false,
  localAsn: 65_001,
  maxMessageLength: 4_096,
  families: [ipv4, ipv6],
  nextHop: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
};
const attributes: PathAttributes = { origin: "igp", asPath: [], nextHop: "0.0.0.0" };
const other: PathAttributes = { ...attributes, multiExitDisc: 7 };

function drain(outbox: Outbox, receiver: Receiver = new Receiver()): Receiver {
  for (let octets = outbox.pull(); octets !== undefined; octets = outbox.pull()) {
    expect(octets.length).toBeLessThanOrEqual(65_536);
    receiver.receive(octets);
  }
  expect(outbox.pending).toBe(false);
  return receiver;
}

function hosts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}/32`);
}

const hex = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString("hex");
const MARKER = "ff".repeat(16);

describe("Adj-RIB-Out", () => {
  it("announces and withdraws IPv4 routes in these octets", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach(session);
    rib.announceMany(["198.51.100.0/24", "203.0.113.7/32", "0.0.0.0/0"], attributes);
    const path = "4001010040020602010000fde9400304c0000201";
    expect(hex(outbox.pull())).toBe(`${MARKER}00350200000014${path}18c6336420cb00710700`);
    rib.withdraw("203.0.113.7/32");
    expect(hex(outbox.pull())).toBe(`${MARKER}001c02000520cb0071070000`);
    expect(outbox.pull()).toBeUndefined();
  });

  it("announces and withdraws IPv6 routes in these octets", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach({ ...session, internal: true });
    rib.announce("2001:db8:1::/48", attributes);
    const nextHop = "20010db8000000000000000000000001";
    const reach = `900e001c00020110${nextHop}003020010db80001`;
    expect(hex(outbox.pull())).toBe(`${MARKER}0045020000002e${reach}4001010040020040050400000064`);
    rib.withdraw("2001:db8:1::/48");
    expect(hex(outbox.pull())).toBe(`${MARKER}0025020000000e900f000a0002013020010db80001`);
  });

  it("writes a path identifier before each prefix where that was agreed on", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach({ ...session, addPath: [ipv4] });
    rib.announceMany(["192.0.2.0/24", "0.0.0.0/0"], attributes);
    expect(hex(outbox.pull())).toMatch(/0000000118c000020000000100$/);
    rib.withdraw("0.0.0.0/0");
    expect(hex(outbox.pull())).toBe(`${MARKER}001c02000500000001000000`);
  });

  it("sends the last of several changes, once", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach(session);
    rib.announceMany(["192.0.2.0/24", "198.51.100.0/24"], attributes);
    rib.announce("192.0.2.0/24", other);
    expect(drain(outbox).log).toEqual(["+ 198.51.100.0/24", "+ 192.0.2.0/24"]);
    expect(outbox.counters.announced).toBe(2);
  });

  it("does not send what came and went, nor what did not change", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach(session);
    rib.announce("192.0.2.0/24", attributes);
    expect(rib.withdraw("192.0.2.0/24")).toBe(true);
    expect(outbox.pull()).toBeUndefined();
    rib.announce("198.51.100.0/24", attributes);
    drain(outbox);
    rib.announce("198.51.100.0/24", { ...attributes, asPath: [] });
    expect([outbox.pending, rib.withdraw("192.0.2.0/24"), rib.size]).toEqual([false, false, 1]);
  });

  it("withdraws from those that have a route and no others", () => {
    const rib = new AdjRibOut();
    const [early, late] = [rib.attach(session), rib.attach(session)];
    rib.announce("192.0.2.0/24", attributes);
    drain(early);
    rib.withdraw("192.0.2.0/24");
    expect(late.pull()).toBeUndefined();
    expect(hex(early.pull())).toBe(`${MARKER}001b02000418c000020000`);
  });

  it("fills messages, and pulls, as far as they may be", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach(session);
    rib.announceMany(hosts(20_000), attributes);
    const receiver = drain(outbox);
    expect(receiver.table.size).toBe(20_000);
    expect(new Set(receiver.lengths.slice(0, 15))).toEqual(new Set([4_093]));
    // 810 prefixes a message; and where one of the two pulls ends, a message ends before it is full.
    expect(receiver.lengths.length).toBe(Math.ceil(20_000 / 810) + 1);
    rib.withdrawMany(hosts(20_000));
    drain(outbox, receiver);
    expect(receiver.table.size).toBe(0);
    expect(Math.max(...receiver.lengths)).toBe(4_093);
  });

  it("fills extended messages", () => {
    const rib = new AdjRibOut();
    const outbox = rib.attach({ ...session, maxMessageLength: 65_535 });
    rib.announceMany(hosts(20_000), attributes);
    expect(drain(outbox).lengths[0]).toBeGreaterThan(65_530);
    rib.withdrawMany(hosts(20_000));
    expect(outbox.pull()?.length).toBeGreaterThan(65_530);
  });

  it("puts routes of the same attributes together, also when they came in turns", () => {
    const sets = Array.from({ length: 100 }, (_, multiExitDisc) => ({
      ...attributes,
      multiExitDisc,
    }));
    const rib = new AdjRibOut();
    const announce = (prefix: string, i: number) =>
      rib.announce(prefix, sets[i % sets.length] ?? attributes);
    const early = rib.attach(session);
    for (const [i, prefix] of hosts(5_000).entries()) announce(prefix, i);
    expect(drain(early).lengths.length).toBe(100);
    // One at a time, so that nothing can be put next to its like; then for a peer that comes late.
    for (const [i, prefix] of hosts(5_000).entries()) {
      announce(prefix, i + 1);
      early.pull();
    }
    expect(drain(rib.attach(session)).lengths.length).toBeLessThan(300);
  });

  it("encodes once for all peers of a class that are at the same place", () => {
    const rib = new AdjRibOut();
    const outboxes = Array.from({ length: 5 }, () => rib.attach(session));
    rib.announceMany(hosts(30_000), attributes);
    for (let round = 0; round < 3; round++) {
      expect(new Set(outboxes.map((outbox) => outbox.pull())).size).toBe(1);
    }
    expect(outboxes.map(({ counters }) => counters.advertised)).toEqual(Array(5).fill(30_000));
  });

  it("gives no peer what was encoded for another and is out of date", () => {
    const rib = new AdjRibOut();
    const [first, second] = [rib.attach(session), rib.attach(session)];
    rib.announceMany(["192.0.2.0/24", "198.51.100.0/24"], attributes);
    drain(first);
    rib.withdraw("198.51.100.0/24");
    expect(drain(second).log).toEqual(["+ 192.0.2.0/24"]);
  });

  it("tells what it announces", () => {
    const rib = new AdjRibOut();
    rib.announce("2001:DB8::/32", attributes);
    rib.announce("192.0.2.0/24", other);
    rib.announce("192.0.2.1/32", other);
    rib.withdraw("192.0.2.0/24");
    expect([...rib.routes()]).toEqual([
      { prefix: "192.0.2.1/32", attributes: other },
      { prefix: "2001:db8::/32", attributes },
    ]);
    expect(rib.attributesOf("2001:db8::/32")).toBe(attributes);
    expect(rib.attributesOf("192.0.2.0/24")).toBeUndefined();
  });

  it.each(["192.0.2.1/24", "192.0.2.0", "192.0.2.0/33", "192.0.2.00/24", "::/129", "", "x/8"])(
    "refuses the prefix %j",
    (prefix) => {
      const rib = new AdjRibOut();
      expect(() => rib.announce(prefix, attributes)).toThrow(TypeError);
      expect(() => rib.announceMany([prefix], attributes)).toThrow(`got ${prefix}`);
      expect(() => rib.withdraw(prefix)).toThrow(TypeError);
      expect(rib.size).toBe(0);
    },
  );

  it.each<[Partial<PathAttributes>, string]>([
    [{ nextHop: "nowhere" }, "nowhere"],
    [{ multiExitDisc: -1 }, "multiExitDisc"],
    [{ linkLocalNextHop: "192.0.2.1" }, "linkLocalNextHop must be in fe80::/10, got 192.0.2.1"],
    [{ linkLocalNextHop: "2001:db8::1" }, "must be in fe80::/10, got 2001:db8::1"],
    [{ communities: [2 ** 32] }, "community"],
  ])("refuses the attributes %j at once, and not when they are sent", (wrong, message) => {
    const rib = new AdjRibOut();
    expect(() => rib.announce("192.0.2.0/24", { ...attributes, ...wrong })).toThrow(message);
    expect(rib.size).toBe(0);
  });
});
