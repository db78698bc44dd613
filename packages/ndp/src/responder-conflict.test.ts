import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import { answerTo, neighborSolicitation, probe, unsolicited } from "./frames.ts";
import { other, ourNonce, ours, solicitation, theirs, vip } from "./testing/example.ts";
import { announced, noCounters, respond } from "./testing/responder.ts";

const theirClaim = unsolicited(vip, theirs);

describe("NDP responder among others", () => {
  it("tells of a conflict once, defends, and counts on", () => {
    const { socket, clock, responder, events } = announced();
    socket.receive(theirClaim);
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    const conflict = { address: "2001:db8::b", mac: "02:00:00:00:00:0a", during: "claim" };
    expect(events).toEqual([{ ...conflict, isKept: true }]);
    for (let i = 0; i < 99; i++) socket.receive(theirClaim);
    expect(events).toHaveLength(1);
    expect(socket.sent()).toEqual([]);
    clock.advance(10_000);
    socket.takes = false;
    socket.receive(theirClaim);
    expect(events).toHaveLength(2);
    expect(responder.counters("2001:db8::b")).toEqual({
      ...noCounters,
      unsolicitedSent: 6,
      conflicts: 101,
      defences: 1,
    });
    expect(responder.state("2001:db8::b")).toBe("claimed");
    expect(responder.frameCounters.dropped).toBe(1);
  });

  it("probes before it claims, if told so, and takes no probe of its own for another's", () => {
    const { socket, clock, responder, events } = respond({ probe: "first" });
    responder.announce("2001:db8::b");
    expect(responder.state("2001:db8::b")).toBe("probing");
    expect(socket.sent()).toEqual([probe(vip, ours, ourNonce)]);
    socket.receive(solicitation);
    socket.receive(probe(vip, theirs, ourNonce));
    clock.advance(999);
    expect(events).toEqual([]);
    expect(socket.sent()).toEqual([]);
    clock.advance(1);
    expect(events).toEqual(["claimed 2001:db8::b"]);
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    expect(responder.counters("2001:db8::b")?.probesSent).toBe(1);
  });

  it("asks from its own link-local address who else has an address that it claims", () => {
    const { socket, clock, responder, events } = announced({ checkMs: 20_000, defend: "report" });
    clock.advance(10_000);
    const question = neighborSolicitation(vip, parseIpv6("fe80::ff:fe00:b"), ours);
    expect(socket.sent()).toEqual([question]);
    expect(responder.counters("2001:db8::b")?.probesSent).toBe(1);
    socket.receive(answerTo(question, theirs));
    expect(events).toMatchObject([{ mac: "02:00:00:00:00:0a", during: "claim", isKept: true }]);
    expect(socket.sent()).toEqual([]);
  });

  it.each([
    ["advertisement", theirClaim],
    ["probe", probe(vip, theirs, 7)],
  ] as const)("gives way to an %s, and takes the address when it is free", (_, packet) => {
    const { socket, clock, responder, events } = respond({ probe: "first" });
    responder.announce("2001:db8::b");
    socket.sent();
    socket.receive(packet);
    const conflict = { address: "2001:db8::b", mac: "02:00:00:00:00:0a", during: "probe" };
    expect(events).toEqual([{ ...conflict, isKept: false }]);
    expect(responder.state("2001:db8::b")).toBe("conflicted");
    expect(responder.addresses).toEqual(["2001:db8::b"]);
    expect(socket.joined).toEqual(["2001:db8::b"]);
    clock.advance(31_499);
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([]);
    clock.advance(1_001);
    expect(socket.sent()).toEqual([probe(vip, ours, ourNonce), unsolicited(vip, ours)]);
    expect(events.slice(1)).toEqual(["resumed 2001:db8::b"]);
    expect(responder.state("2001:db8::b")).toBe("claimed");
    expect(responder.counters("2001:db8::b")).toMatchObject({ probesSent: 2, conflicts: 1 });
    expect(responder.state("2001:db8::c")).toBeUndefined();
  });

  it("answers without overriding while it is optimistic", () => {
    const { socket, responder } = respond({ probe: "optimistic" });
    responder.announce("2001:db8::b");
    socket.sent();
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([answerTo(solicitation, ours, false)]);
    expect(responder.state("2001:db8::b")).toBe("optimistic");
  });

  it("tells that an address is claimed once its first advertisement is out", () => {
    const { socket, responder } = respond();
    const told: unknown[] = [];
    responder.on("claimed", (address) => told.push(address, socket.sent()));
    responder.announce("2001:db8::b");
    expect(told).toEqual(["2001:db8::b", [unsolicited(vip, ours)]]);
  });

  it("takes an announcement's own probe mode before the option", () => {
    const { socket, responder } = respond({ probe: "first" });
    responder.announce("2001:db8::b", { probe: "off" });
    responder.announce("2001:db8::c", { probe: "optimistic" });
    expect(socket.sent()).toEqual([unsolicited(vip, ours), probe(other, ours, ourNonce)]);
    expect(responder.state("2001:db8::c")).toBe("optimistic");
    const no = { probe: "never" as "off" };
    expect(() => responder.announce("2001:db8::d", no)).toThrow(RangeError);
    expect(responder.addresses).toHaveLength(2);
  });

  it("knows its own hardware addresses, and learns others", () => {
    const { socket, responder } = announced({ ownMacs: ["02:00:00:00:00:0a"] });
    socket.receive(theirClaim);
    expect(responder.counters("2001:db8::b")?.conflicts).toBe(0);
    expect(responder.frameCounters.ignored).toBe(1);
    expect(() => responder.setOwnMacs(["02:00:00:00:00:09", "mac"])).toThrow(TypeError);
    socket.receive(theirClaim);
    expect(responder.counters("2001:db8::b")?.conflicts).toBe(0);
    responder.setOwnMacs(["02:00:00:00:00:09"]);
    socket.receive(theirClaim);
    expect(responder.counters("2001:db8::b")?.conflicts).toBe(1);
  });
});
