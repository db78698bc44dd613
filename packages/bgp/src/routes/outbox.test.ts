import { describe, expect, it } from "vitest";
import type { PathAttributes } from "../path-attributes.ts";
import { Receiver } from "../testing/receiver.ts";
import { AdjRibOut } from "./adj-rib-out.ts";
import type { Outbox } from "./outbox.ts";
import type { ExportFilter, SessionClass } from "./session-class.ts";

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
const V4 = "192.0.2.0/24";
const V6 = "2001:db8::/32";

/** A peer that has been told of an IPv4 and an IPv6 route. */
function attach(changes: Partial<SessionClass> = {}, filter?: ExportFilter) {
  const rib = new AdjRibOut();
  rib.announceMany([V4, V6], attributes);
  const outbox = rib.attach({ ...session, ...changes }, filter);
  const receiver = new Receiver();
  const news = () => {
    const before = receiver.log.length;
    drain(outbox, receiver);
    return receiver.log.slice(before);
  };
  return { rib, outbox, receiver, news, first: news() };
}

function drain(outbox: Outbox, receiver: Receiver): void {
  for (let octets = outbox.pull(); octets !== undefined; octets = outbox.pull()) {
    receiver.receive(octets);
  }
}

describe("outbox", () => {
  it("says once that something is pending, until the next pull", () => {
    const { rib, outbox, news } = attach();
    let calls = 0;
    outbox.onPending = () => {
      calls += 1;
    };
    rib.announce("198.51.100.0/24", attributes);
    rib.announce("203.0.113.0/24", attributes);
    expect([calls, news().length, outbox.pending]).toEqual([1, 2, false]);
    outbox.endOfRib(ipv4);
    expect(calls).toBe(2);
  });

  it("replays a family when asked", () => {
    const { outbox, news } = attach();
    outbox.refresh(ipv6, false);
    expect(news()).toEqual([`+ ${V6}`]);
  });

  it("marks the beginning and the end of an enhanced replay", () => {
    const { outbox, news } = attach();
    outbox.refresh(ipv4, true);
    expect(news()).toEqual(["refresh ipv4 1", `+ ${V4}`, "refresh ipv4 2"]);
  });

  it("begins no enhanced replay while End-of-RIB has not gone out", () => {
    const { outbox, news } = attach();
    outbox.endOfRib(ipv4);
    outbox.refresh(ipv4, true);
    expect(news()).toEqual([`+ ${V4}`, "end of ipv4"]);
  });

  it("sends End-of-RIB after everything of its family, also after what came later", () => {
    const { rib, outbox, news } = attach();
    rib.announce("198.51.100.0/24", attributes);
    outbox.endOfRib(ipv4);
    outbox.endOfRib(ipv6);
    rib.announce("203.0.113.0/24", attributes);
    const log = news();
    const ipv4Only = log.filter((line) => line !== "end of ipv6");
    expect(ipv4Only).toEqual(["+ 198.51.100.0/24", "+ 203.0.113.0/24", "end of ipv4"]);
    expect(log.length).toBe(4);
  });

  it("leaves out, and counts, a family that was not agreed on", () => {
    const { first, outbox } = attach({ families: [ipv6] });
    expect(first).toEqual([`+ ${V6}`]);
    outbox.refresh(ipv4, true);
    outbox.endOfRib(ipv4);
    expect(outbox.pending).toBe(false);
    expect(outbox.counters.leftOut.family).toBe(1);
  });

  it("leaves out, and counts, what has no next hop", () => {
    const { first, outbox } = attach({ nextHop: { ipv6: "2001:db8::1" } });
    expect(first).toEqual([`+ ${V6}`]);
    expect(outbox.counters.leftOut).toEqual({ family: 0, nextHop: 1, role: 0, size: 0, filter: 0 });
  });

  it("leaves out, and counts, what no message has room for", () => {
    const { rib, outbox, news } = attach();
    const communities = Array.from({ length: 1_100 }, (_, i) => i);
    rib.announce(V4, { ...attributes, communities });
    expect(news()).toEqual([`- ${V4}`]);
    expect(outbox.counters.leftOut.size).toBe(1);
  });

  it("withdraws and announces again as the filter has it", () => {
    const { outbox, news, first } = attach({}, (prefix) => prefix !== V4);
    expect(first).toEqual([`+ ${V6}`]);
    expect(outbox.counters.leftOut.filter).toBe(1);
    outbox.setFilter((prefix) => prefix === V4);
    expect(news().sort()).toEqual([`+ ${V4}`, `- ${V6}`]);
    outbox.setFilter(undefined);
    expect(news().sort()).toEqual([`+ ${V4}`, `+ ${V6}`]);
  });

  it("sends the attributes that a filter puts in the place of the route's own", () => {
    const replacement = { ...attributes, communities: [0xfde8_0064] };
    const { receiver } = attach({ families: [ipv4] }, () => replacement);
    expect(receiver.attributes.find(({ type }) => type === 8)?.value).toEqual(
      Uint8Array.of(0xfd, 0xe8, 0x00, 0x64),
    );
  });

  it("announces everything again as of a session that will shut down", () => {
    const { outbox, news, receiver } = attach();
    outbox.setClass({ ...session, gracefulShutdown: true });
    expect(news().sort()).toEqual([`+ ${V4}`, `+ ${V6}`]);
    expect(receiver.attributes.find(({ type }) => type === 8)?.value).toEqual(
      Uint8Array.of(0xff, 0xff, 0, 0),
    );
    outbox.setClass({ ...session, gracefulShutdown: true });
    expect(outbox.pending).toBe(false);
  });

  it("counts what it has given out", () => {
    const { rib, outbox, news } = attach();
    rib.withdraw(V6);
    news();
    expect(outbox.counters).toEqual({
      advertised: 1,
      announced: 2,
      withdrawn: 1,
      messages: 3,
      octets: 47 + 66 + 35,
      leftOut: { family: 0, nextHop: 0, role: 0, size: 0, filter: 0 },
    });
    expect([outbox.has(V4), outbox.has(V6)]).toEqual([true, false]);
  });

  it("has nothing to say once it is detached", () => {
    const { rib, outbox } = attach();
    rib.withdraw(V4);
    outbox.detach();
    rib.announce("198.51.100.0/24", attributes);
    outbox.endOfRib(ipv4);
    expect([outbox.pending, outbox.pull(), outbox.has(V6)]).toEqual([false, undefined, false]);
  });

  it.each<[Partial<SessionClass>, string]>([
    [{ localAsn: 0 }, "localAsn must be a whole number from 1 to 4294967295, got 0"],
    [{ maxMessageLength: 4_095 }, "maxMessageLength must be a whole number from 4096 to 65535"],
    [{ nextHop: { ipv4: "::1" } }, "nextHop.ipv4 must be an IPv4 address"],
    [{ nextHop: { ipv6: "192.0.2.1" } }, "nextHop.ipv6 must be IPv6, got 192.0.2.1"],
    [{ nextHop: { linkLocal: "fe80::1%eth0" } }, "fe80::1%eth0"],
  ])("refuses a class with %j", (wrong, message) => {
    expect(() => new AdjRibOut().attach({ ...session, ...wrong })).toThrow(message);
    expect(() => attach().outbox.setClass({ ...session, ...wrong })).toThrow(message);
  });

  it("refuses other families, and room for less than a message", () => {
    const { outbox } = attach();
    expect(() => outbox.setClass({ ...session, families: [ipv4] })).toThrow(
      "families of a session cannot change from 1/1 2/1 to 1/1",
    );
    expect(() => outbox.pull(4_095)).toThrow("maxOctets must be at least 4096, got 4095");
  });
});
