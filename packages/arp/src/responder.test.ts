import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { macToBytes } from "./address.ts";
import { gratuitousRequest, replyTo } from "./frames.ts";
import { ArpDecodeError, type ArpPacket, encodeArp } from "./packet.ts";
import { ours, request, vip } from "./testing/example.ts";
import { announced, noCounters, respond, round } from "./testing/responder.ts";

describe("ARP responder", () => {
  it("answers for what is announced, and for nothing else", () => {
    const { socket, responder } = respond();
    socket.receive();
    expect(socket.sent()).toEqual([]);
    responder.announce("192.0.2.10");
    expect(responder.addresses).toEqual(["192.0.2.10"]);
    expect(socket.sent()).toEqual(round());
    socket.receive();
    socket.receive({ targetAddress: vip + 1 });
    expect(socket.sent()).toEqual([replyTo(request, ours)]);
    responder.withdraw("192.0.2.10");
    socket.receive();
    expect(socket.sent()).toEqual([]);
    expect(responder.addresses).toEqual([]);
  });

  it("announces by the schedule, and sets no timer when it is over", () => {
    const { socket, clock, responder } = respond({ gratuitousForMs: 2_500 });
    responder.announce("192.0.2.10");
    responder.announce("192.0.2.10");
    expect(socket.sent()).toEqual(round());
    clock.advance(1_099);
    expect(socket.sent()).toEqual([]);
    clock.advance(1);
    expect(socket.sent()).toEqual(round());
    clock.advance(10_000);
    expect(socket.sent()).toEqual(round());
    expect(clock.pending).toBe(0);
    responder.announce("192.0.2.10");
    expect(socket.sent()).toEqual([]);
  });

  it("tells the neighbours again on request, by the schedule, but only of what it has claimed", () => {
    const { socket, clock, responder } = announced();
    responder.repeat("192.0.2.11");
    expect(socket.sent()).toEqual([]);
    responder.repeat("192.0.2.10");
    expect(socket.sent()).toEqual(round());
    clock.advance(1_100);
    expect(socket.sent()).toEqual(round());
    responder.announce("192.0.2.11", { probe: "optimistic" });
    clock.advance(1_000);
    socket.sent();
    responder.repeat("192.0.2.11");
    expect(socket.sent()).toEqual([]);
    responder.withdraw("192.0.2.10");
    responder.repeat("192.0.2.10");
    expect(socket.sent()).toEqual([]);
    expect(() => responder.repeat("n2")).toThrow(TypeError);
  });

  it("never has more than one timer, and none for nothing", () => {
    const { clock, responder } = respond();
    expect(clock.pending).toBe(0);
    for (let i = 0; i < 50; i++) {
      responder.announce(`192.0.2.${i}`);
      clock.advance(7);
      expect(clock.pending).toBe(1);
    }
    for (let i = 0; i < 50; i++) responder.withdraw(`192.0.2.${i}`);
    expect(clock.pending).toBe(0);
  });

  it("announces again when the interface came up, from its present hardware address", () => {
    const { socket, clock } = announced();
    socket.mac = macToBytes(0x0200_0000_0002);
    socket.onUp?.();
    expect(socket.sent()).toEqual(round(vip, 0x0200_0000_0002));
    clock.advance(1_100);
    expect(socket.sent()).toEqual(round(vip, 0x0200_0000_0002));
    socket.receive({ destination: ours });
    expect(socket.sent()).toEqual([]);
    socket.receive({ destination: 0x0200_0000_0002 });
    expect(socket.sent()).toEqual([replyTo(request, 0x0200_0000_0002)]);
  });

  it("counts by address what it received and sent", () => {
    const { socket, clock, responder } = announced();
    expect(responder.counters("192.0.2.10")).toEqual({ ...noCounters, gratuitousSent: 10 });
    socket.receive();
    socket.takes = false;
    socket.receive();
    socket.onUp?.();
    clock.advance(10_000);
    expect(responder.counters("192.0.2.10")).toEqual({
      ...noCounters,
      requestsReceived: 2,
      responsesSent: 1,
      gratuitousSent: 10,
    });
    expect(responder.frameCounters).toEqual({ ignored: 0, malformed: 0, dropped: 11 });
    responder.withdraw("192.0.2.10");
    expect(responder.counters("192.0.2.10")).toBeUndefined();
    expect(responder.counters("192.0.2.11")).toBeUndefined();
  });

  it.each<[string, Partial<ArpPacket>]>([
    ["for another address", { targetAddress: vip + 1 }],
    ["that is a reply", { operation: 2 }],
    ["from itself", { senderMac: ours }],
    ["of another hardware type", { hardwareType: 6 }],
  ])("counts a frame %s as ignored", (_, fields) => {
    const { socket, responder } = announced();
    socket.receive(fields);
    expect(socket.sent()).toEqual([]);
    expect(responder.frameCounters).toEqual({ ignored: 1, malformed: 0, dropped: 0 });
    expect(responder.counters("192.0.2.10")?.requestsReceived).toBe(0);
  });

  it("ignores a request with a VLAN tag", () => {
    const { socket, responder } = announced();
    const frame = encodeArp(request);
    const tagged = [...frame.subarray(0, 12), 0x81, 0x00, 0x00, 0x07, ...frame.subarray(12)];
    socket.onFrame?.(Uint8Array.from(tagged));
    expect(socket.sent()).toEqual([]);
    expect(responder.frameCounters.ignored).toBe(1);
  });

  it("reports a malformed frame and goes on", () => {
    const { socket, responder } = announced();
    const errors: string[] = [];
    responder.on("malformed", (error) => errors.push(error.message));
    socket.onFrame?.(encodeArp(request).subarray(0, 30));
    socket.onFrame?.(encodeArp(request).fill(20, 18, 19));
    socket.receive();
    expect(errors).toEqual([
      "frame is short at offset 30",
      "hardware length must be 6, got 20 at offset 18",
    ]);
    expect(responder.frameCounters).toEqual({ ignored: 0, malformed: 2, dropped: 0 });
    expect(socket.sent()).toEqual([replyTo(request, ours)]);
  });

  it("tells who was answered, once the answer is out", () => {
    const { socket, responder } = announced();
    const told: unknown[] = [];
    responder.on("answered", (answered) => told.push(answered, socket.sent().length));
    socket.receive();
    socket.receive({ senderAddress: 0 });
    socket.takes = false;
    socket.receive();
    const answered = { address: "192.0.2.10", senderMac: "02:00:00:00:00:09" };
    expect(told).toEqual([
      { ...answered, senderAddress: "192.0.2.9" },
      1,
      { ...answered, senderAddress: "0.0.0.0" },
      1,
    ]);
  });

  it("lets a listener announce and withdraw", () => {
    const { socket, responder } = announced();
    responder.on("answered", () => {
      responder.withdraw("192.0.2.10");
      responder.announce("192.0.2.11");
      expect(responder.addresses).toEqual(["192.0.2.11"]);
    });
    socket.receive();
    expect(socket.sent()).toEqual([replyTo(request, ours), ...round(vip + 1)]);
  });

  it("lets a listener close it, and is silent from then on", () => {
    const { socket, clock, responder } = announced();
    const late = socket.onUp;
    responder.announce("192.0.2.11");
    socket.sent();
    responder.on("answered", () => {
      socket.onUp?.();
      responder.close();
    });
    socket.receive();
    expect(socket.sent()).toEqual([replyTo(request, ours)]);
    socket.receive();
    late?.();
    responder.announce("192.0.2.12");
    responder.withdraw("192.0.2.10");
    responder.close();
    clock.advance(10_000);
    expect(socket.sent()).toEqual([]);
    expect(socket.closed).toBe(1);
    expect(clock.pending).toBe(0);
    expect(responder.addresses).toEqual([]);
  });

  it("stops in the middle of a burst when the socket's owner closes it or withdraws", () => {
    for (const stop of ["close", "withdraw"] as const) {
      const { socket, responder } = respond();
      const send = socket.send.bind(socket);
      socket.send = (frame) => {
        responder[stop]("192.0.2.10");
        return send(frame);
      };
      responder.announce("192.0.2.10");
      expect(socket.sent()).toEqual([gratuitousRequest(vip, ours)]);
      expect(responder.addresses).toEqual([]);
    }
  });

  it("does not nest when the socket hands over a frame while it sends", () => {
    const { socket, responder } = announced();
    const send = socket.send.bind(socket);
    const order: string[] = [];
    let depth = 0;
    socket.send = (frame) => {
      depth += 1;
      order.push(`send at depth ${depth}`);
      if (order.length < 3) socket.receive();
      depth -= 1;
      return send(frame);
    };
    socket.receive();
    expect(order).toEqual(["send at depth 1", "send at depth 1", "send at depth 1"]);
    expect(responder.counters("192.0.2.10")?.responsesSent).toBe(3);
  });

  it("goes on after a listener threw", () => {
    const { socket, clock, responder } = announced();
    responder.once("answered", () => {
      responder.announce("192.0.2.11");
      throw new Error("a listener's own");
    });
    expect(() => socket.receive()).toThrow("a listener's own");
    socket.receive();
    expect(socket.sent()).toEqual([
      replyTo(request, ours),
      ...round(vip + 1),
      replyTo(request, ours),
    ]);
    clock.advance(1_100);
    expect(socket.sent()).toEqual(round(vip + 1));
  });

  it.each([
    ["192.0.2.010", TypeError, "address must be IPv4 text such as 192.0.2.10, got 192.0.2.010"],
    ["2001:db8::1", TypeError, "address must be IPv4 text such as 192.0.2.10, got 2001:db8::1"],
    ["0.0.0.0", RangeError, "address must be unicast, got 0.0.0.0"],
    ["224.0.0.1", RangeError, "address must be unicast, got 224.0.0.1"],
    ["239.255.255.255", RangeError, "address must be unicast, got 239.255.255.255"],
    ["255.255.255.255", RangeError, "address must be unicast, got 255.255.255.255"],
  ])("refuses to announce %s", (address, type, message) => {
    const { responder } = respond();
    expect(() => responder.announce(address)).toThrow(new type(message));
    expect(responder.addresses).toEqual([]);
  });

  it("refuses bad options and text that is no address", () => {
    expect(() => respond({ gratuitousForMs: -1 })).toThrow("gratuitousForMs must be from 0");
    expect(() => respond({ ownMacs: ["02:00"] })).toThrow("mac must be text such as");
    const { responder } = respond();
    expect(() => responder.withdraw("vip")).toThrow(TypeError);
    expect(() => responder.counters("vip")).toThrow(TypeError);
    expect(() => responder.state("vip")).toThrow(TypeError);
    const wrong = { probe: "on" as "off" };
    expect(() => responder.announce("192.0.2.10", wrong)).toThrow("probe must be one of");
    expect(responder.addresses).toEqual([]);
  });

  it("never throws on any frame, and counts each exactly once", () => {
    const mutated = fc
      .tuple(fc.nat(41), fc.nat(255))
      .map(([offset, octet]) => encodeArp(request).fill(octet, offset, offset + 1));
    const anything = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(fc.array(fc.oneof(mutated, anything), { maxLength: 30 }), (frames) => {
        const { socket, responder } = announced();
        responder.on("malformed", (error) => expect(error).toBeInstanceOf(ArpDecodeError));
        for (const frame of frames) socket.onFrame?.(frame);
        const { ignored, malformed } = responder.frameCounters;
        const counters = responder.counters("192.0.2.10") ?? noCounters;
        expect(ignored + malformed + counters.requestsReceived).toBe(frames.length);
        expect(socket.sent().length).toBe(counters.requestsReceived + counters.defences);
      }),
    );
  });
});
