import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { macToBytes } from "./address.ts";
import { NdpDecodeError } from "./decode-error.ts";
import { answerTo, probe, unsolicited } from "./frames.ts";
import { captured } from "./testing/captured.ts";
import { other, ourNonce, ours, solicitation, theirs, vip } from "./testing/example.ts";
import { announced, noCounters, respond } from "./testing/responder.ts";

describe("NDP responder", () => {
  it("answers for what is announced, and for nothing else", () => {
    const { socket, responder, events } = respond();
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([]);
    responder.announce("2001:DB8::000B");
    expect(responder.addresses).toEqual(["2001:db8::b"]);
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    expect(events).toEqual(["claimed 2001:db8::b"]);
    socket.receive(solicitation);
    socket.receive({ ...solicitation, target: other });
    expect(socket.sent()).toEqual([answerTo(solicitation, ours)]);
    responder.withdraw("2001:db8::b");
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([]);
    expect(responder.addresses).toEqual([]);
  });

  it.each(["a solicitation", "a unicast solicitation", "a probe with a nonce"] as const)(
    "answers %s of the kernel",
    (name) => {
      const { socket } = announced();
      const { frame, packet } = captured[name];
      socket.onFrame?.(frame);
      expect(socket.sent()).toEqual([answerTo(packet, ours)]);
    },
  );

  it("is a member of an address's group while it is announced", () => {
    const { socket, responder } = respond();
    responder.announce("2001:db8::b");
    responder.announce("2001:DB8::B");
    responder.announce("2001:db8:1::b");
    expect(socket.joined).toEqual(["2001:db8::b", "2001:db8:1::b"]);
    responder.withdraw("2001:db8::b");
    responder.withdraw("2001:db8::b");
    expect(socket.joined).toEqual(["2001:db8:1::b"]);
    responder.close();
    expect(socket.joined).toEqual([]);
  });

  it("joins before it probes, and announces nothing when it cannot join", () => {
    const { socket, responder } = respond({ probe: "first" });
    const join = socket.join.bind(socket);
    socket.join = (target) => {
      expect(socket.sent()).toEqual([]);
      if (responder.addresses.length > 0) throw new Error("no more groups");
      return join(target);
    };
    responder.announce("2001:db8::b");
    expect(socket.sent()).toEqual([probe(vip, ours, ourNonce)]);
    expect(() => responder.announce("2001:db8::c")).toThrow("no more groups");
    expect(responder.addresses).toEqual(["2001:db8::b"]);
  });

  it("tells the neighbours again on request, by the schedule, but only of what it has claimed", () => {
    const { socket, clock, responder } = announced();
    responder.repeat("2001:db8::c");
    expect(socket.sent()).toEqual([]);
    responder.repeat("2001:db8::b");
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    clock.advance(1_100);
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    responder.announce("2001:db8::c", { probe: "optimistic" });
    socket.sent();
    responder.repeat("2001:db8::c");
    expect(socket.sent()).toEqual([]);
    responder.withdraw("2001:db8::b");
    responder.repeat("2001:db8::b");
    expect(socket.sent()).toEqual([]);
    expect(() => responder.repeat("n2")).toThrow(TypeError);
  });

  it("announces by the schedule, and sets no timer when it is over", () => {
    const { socket, clock, responder } = respond({ unsolicitedForMs: 2_500 });
    responder.announce("2001:db8::b");
    responder.announce("2001:db8::b");
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    clock.advance(1_099);
    expect(socket.sent()).toEqual([]);
    clock.advance(1);
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    clock.advance(10_000);
    expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
    expect(clock.pending).toBe(0);
    responder.announce("2001:db8::b");
    expect(socket.sent()).toEqual([]);
  });

  it("never has more than one timer, and none for nothing", () => {
    const { clock, responder } = respond();
    expect(clock.pending).toBe(0);
    for (let i = 0; i < 50; i++) {
      responder.announce(`2001:db8::1:${i}`);
      clock.advance(7);
      expect(clock.pending).toBe(1);
    }
    for (let i = 0; i < 50; i++) responder.withdraw(`2001:db8::1:${i}`);
    expect(clock.pending).toBe(0);
  });

  it("announces again when the interface came up, from its present hardware address", () => {
    const { socket, clock } = announced();
    socket.mac = macToBytes(0x0200_0000_0002);
    socket.onUp?.();
    expect(socket.sent()).toEqual([unsolicited(vip, 0x0200_0000_0002)]);
    clock.advance(1_100);
    expect(socket.sent()).toEqual([unsolicited(vip, 0x0200_0000_0002)]);
    socket.receive({ ...solicitation, destinationMac: ours });
    expect(socket.sent()).toEqual([]);
    socket.receive({ ...solicitation, destinationMac: 0x0200_0000_0002 });
    expect(socket.sent()).toMatchObject([{ sourceMac: 0x0200_0000_0002 }]);
  });

  it("counts by address what it received and sent", () => {
    const { socket, responder } = respond({ unsolicitedForMs: 0 });
    responder.announce("2001:db8::b");
    responder.announce("2001:db8::c");
    socket.receive(solicitation);
    socket.receive(probe(vip, theirs, 7));
    socket.receive(unsolicited(vip, theirs));
    expect(responder.counters("2001:db8:0::b")).toEqual({
      ...noCounters,
      solicitationsReceived: 2,
      responsesSent: 2,
      unsolicitedSent: 2,
      conflicts: 1,
      defences: 1,
    });
    expect(responder.counters("2001:db8::c")).toEqual({ ...noCounters, unsolicitedSent: 1 });
    expect(responder.counters("2001:db8::d")).toBeUndefined();
    responder.withdraw("2001:db8::b");
    responder.announce("2001:db8::b");
    expect(responder.counters("2001:db8::b")?.solicitationsReceived).toBe(0);
  });

  it("counts what the socket dropped", () => {
    const { socket, responder } = respond({ unsolicitedForMs: 0 });
    socket.takes = false;
    responder.announce("2001:db8::b");
    socket.receive(solicitation);
    expect(responder.frameCounters.dropped).toBe(2);
    expect(responder.counters("2001:db8::b")).toEqual({ ...noCounters, solicitationsReceived: 1 });
  });

  it("counts and tells of what it does not act on, and why", () => {
    const { socket, responder } = announced();
    const told: string[] = [];
    responder.on("malformed", (error) => told.push(error.message));
    responder.on("invalid", (reason) => told.push(reason));
    socket.receive({ ...solicitation, hopLimit: 64 });
    socket.receive({ ...solicitation, code: 1 });
    socket.onFrame?.(captured["a solicitation"].frame.slice().fill(0, 56, 58));
    socket.onFrame?.(captured["a solicitation"].frame.slice().fill(0, 79, 80));
    socket.onFrame?.(captured["a solicitation"].frame.subarray(0, 60));
    socket.receive({ ...solicitation, target: other });
    socket.receive({ ...solicitation, destinationMac: 0x0200_0000_0002 });
    socket.receive(captured["a router advertisement"].packet);
    expect(told).toEqual([
      "hop limit is not 255",
      "code is not 0",
      "checksum is wrong",
      "option length is 0 at offset 79",
      "frame is short at offset 60",
    ]);
    const counters = { ignored: 3, malformed: 2, invalid: 3, dropped: 0 };
    expect(responder.frameCounters).toEqual(counters);
    expect(socket.sent()).toEqual([]);
    expect(responder.counters("2001:db8::b")?.solicitationsReceived).toBe(0);
  });

  it("tells who was answered, once the answer is out", () => {
    const { socket, responder } = announced();
    const told: unknown[] = [];
    responder.on("answered", (answered) => told.push(answered, socket.sent().length));
    socket.receive(solicitation);
    socket.receive(probe(vip, theirs, 7));
    socket.takes = false;
    socket.receive(solicitation);
    const answered = { address: "2001:db8::b", senderMac: "02:00:00:00:00:0a" };
    expect(told).toEqual([
      { ...answered, senderAddress: "2001:db8::a" },
      1,
      { ...answered, senderAddress: "::" },
      1,
    ]);
  });

  it.each([
    ["192.0.2.10", TypeError, "address must be IPv6 text such as 2001:db8::10, got 192.0.2.10"],
    ["fe80::1%eth0", TypeError, "address must be IPv6 text such as 2001:db8::10, got fe80::1%eth0"],
    ["::", RangeError, "address must be unicast, got ::"],
    ["ff02::1", RangeError, "address must be unicast, got ff02::1"],
  ])("refuses to announce %s", (address, type, message) => {
    const { responder, socket } = respond();
    expect(() => responder.announce(address)).toThrow(new type(message));
    expect(responder.addresses).toEqual([]);
    expect(socket.joined).toEqual([]);
  });

  it("refuses bad options and text that is no address", () => {
    expect(() => respond({ unsolicitedForMs: -1 })).toThrow("unsolicitedForMs must be from 0");
    const { responder } = respond();
    expect(() => responder.withdraw("vip")).toThrow(TypeError);
    expect(() => responder.counters("vip")).toThrow(TypeError);
  });

  it("never throws on any frame, and counts each exactly once", () => {
    const known = fc.constantFrom(...Object.values(captured).map(({ frame }) => frame));
    const mutated = fc
      .tuple(known, fc.nat(90), fc.nat(255))
      .map(([frame, offset, octet]) => frame.slice().fill(octet, offset, offset + 1));
    const anything = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(fc.array(fc.oneof(mutated, known, anything), { maxLength: 30 }), (frames) => {
        const { socket, responder } = announced({ defend: "report" });
        responder.on("malformed", (error) => expect(error).toBeInstanceOf(NdpDecodeError));
        for (const frame of frames) socket.onFrame?.(frame);
        const { ignored, malformed, invalid } = responder.frameCounters;
        const answered = responder.counters("2001:db8::b")?.solicitationsReceived ?? Number.NaN;
        const conflicts = responder.counters("2001:db8::b")?.conflicts ?? Number.NaN;
        expect(ignored + malformed + invalid + answered + conflicts).toBe(frames.length);
        expect(socket.sent().length).toBe(answered);
      }),
    );
  });
});
