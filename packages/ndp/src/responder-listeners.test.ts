import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import { answerTo, unsolicited } from "./frames.ts";
import { NdpResponder } from "./responder.ts";
import { captured } from "./testing/captured.ts";
import { FakeSocket } from "./testing/fake-socket.ts";

const ours = 0x0200_0000_000b;
const vip = parseIpv6("2001:db8::b");
const other = parseIpv6("2001:db8::c");
const solicitation = captured["a solicitation"].packet;

function respond() {
  const socket = new FakeSocket(ours);
  const clock = new VirtualClock(1_000);
  const responder = new NdpResponder(socket, clock, { random: () => 0.5 });
  return { socket, clock, responder };
}

/** A responder for 2001:db8::b that has said so, and is silent now. */
function announced() {
  const all = respond();
  all.responder.announce("2001:db8::b");
  all.clock.advance(10_000);
  all.socket.sent();
  return all;
}

describe("NDP responder that is called while it works", () => {
  it("lets a listener announce and withdraw", () => {
    const { socket, responder } = announced();
    responder.on("answered", () => {
      responder.withdraw("2001:db8::b");
      responder.announce("2001:db8::c");
      expect(responder.addresses).toEqual(["2001:db8::c"]);
    });
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([answerTo(solicitation, ours), unsolicited(other, ours)]);
  });

  it("lets a listener close it, and is silent from then on", () => {
    const { socket, clock, responder } = announced();
    const late = socket.onUp;
    responder.announce("2001:db8::c");
    socket.sent();
    responder.on("answered", () => {
      socket.onUp?.();
      responder.close();
    });
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([answerTo(solicitation, ours)]);
    socket.receive(solicitation);
    late?.();
    responder.announce("2001:db8::d");
    responder.withdraw("2001:db8::b");
    responder.close();
    clock.advance(10_000);
    expect(socket.sent()).toEqual([]);
    expect(socket.closed).toBe(1);
    expect(socket.joined).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(responder.addresses).toEqual([]);
  });

  it("sends nothing more for an address that a listener withdraws as it is claimed", () => {
    for (const stop of ["close", "withdraw"] as const) {
      const { socket, clock, responder } = respond();
      responder.on("claimed", () => responder[stop]("2001:db8::b"));
      responder.announce("2001:db8::b");
      expect(socket.sent()).toEqual([unsolicited(vip, ours)]);
      expect(responder.addresses).toEqual([]);
      clock.advance(10_000);
      expect(socket.sent()).toEqual([]);
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
      if (order.length < 3) socket.receive(solicitation);
      depth -= 1;
      return send(frame);
    };
    socket.receive(solicitation);
    expect(order).toEqual(["send at depth 1", "send at depth 1", "send at depth 1"]);
    expect(responder.counters("2001:db8::b")?.responsesSent).toBe(3);
  });

  it("goes on after a listener threw", () => {
    const { socket, clock, responder } = announced();
    responder.once("answered", () => {
      responder.announce("2001:db8::c");
      throw new Error("a listener's own");
    });
    expect(() => socket.receive(solicitation)).toThrow("a listener's own");
    socket.receive(solicitation);
    expect(socket.sent()).toEqual([
      answerTo(solicitation, ours),
      unsolicited(other, ours),
      answerTo(solicitation, ours),
    ]);
    clock.advance(1_100);
    expect(socket.sent()).toEqual([unsolicited(other, ours)]);
  });
});
