import { describe, expect, it } from "vitest";
import { gratuitousRequest, probe } from "./frames.ts";
import { fromVip, ours, vip } from "./testing/example.ts";
import { announced, noCounters, respond, round } from "./testing/responder.ts";

describe("ARP responder among others", () => {
  it("tells of a conflict once, defends, and counts on", () => {
    const { socket, clock, responder } = announced();
    const told: unknown[] = [];
    responder.on("conflict", (conflict) => told.push(conflict, socket.sent().length));
    socket.receive({ ...fromVip, operation: 2 });
    const conflict = { address: "192.0.2.10", mac: "02:00:00:00:00:09", during: "claim" };
    expect(told).toEqual([{ ...conflict, isKept: true }, 1]);
    for (let i = 0; i < 99; i++) socket.receive(fromVip);
    expect(told).toHaveLength(2);
    expect(socket.sent()).toEqual([]);
    clock.advance(10_000);
    socket.takes = false;
    socket.receive(fromVip);
    expect(told).toHaveLength(4);
    expect(responder.counters("192.0.2.10")).toEqual({
      ...noCounters,
      gratuitousSent: 11,
      conflicts: 101,
      defences: 1,
    });
    expect(responder.state("192.0.2.10")).toBe("claimed");
    expect(responder.frameCounters).toEqual({ ignored: 0, malformed: 0, dropped: 1 });
  });

  it("sends a defence as one gratuitous request", () => {
    const { socket } = announced();
    socket.receive(fromVip);
    expect(socket.sent()).toEqual([gratuitousRequest(vip, ours)]);
  });

  it("probes, gives way to who has the address, and takes it when it is free", () => {
    const { socket, clock, responder } = respond({ probe: "first", random: () => 0 });
    const told: string[] = [];
    responder.on("claimed", (address) => told.push(`claimed ${address}`));
    responder.on("conflict", (c) => told.push(`${c.mac} in ${c.during}, kept ${c.isKept}`));
    responder.on("resumed", (address) => told.push(`resumed ${address}`));
    responder.announce("192.0.2.10");
    expect(responder.state("192.0.2.10")).toBe("probing");
    expect(socket.sent()).toEqual([probe(vip, ours)]);
    socket.receive();
    expect(socket.sent()).toEqual([]);
    socket.receive({ ...fromVip, operation: 2, targetAddress: 0, destination: ours });
    expect(responder.state("192.0.2.10")).toBe("conflicted");
    expect(responder.addresses).toEqual(["192.0.2.10"]);
    clock.advance(29_999);
    expect(socket.sent()).toEqual([]);
    expect(told).toEqual(["02:00:00:00:00:09 in probe, kept false"]);
    clock.advance(4_001);
    const probes = Array.from({ length: 3 }, () => probe(vip, ours));
    expect(socket.sent()).toEqual([...probes, ...round()]);
    expect(told.slice(1)).toEqual(["resumed 192.0.2.10"]);
    expect(responder.state("192.0.2.10")).toBe("claimed");
    expect(responder.counters("192.0.2.10")).toMatchObject({ probesSent: 4, conflicts: 1 });
    expect(responder.state("192.0.2.11")).toBeUndefined();
  });

  it("tells that an address is claimed once its first packets are out", () => {
    const { socket, responder } = respond();
    const told: unknown[] = [];
    responder.on("claimed", (address) => told.push(address, socket.sent()));
    responder.announce("192.0.2.10");
    expect(told).toEqual(["192.0.2.10", round()]);
  });

  it("takes an announcement's own probe mode before the option", () => {
    const { socket, responder } = respond({ probe: "first", random: () => 0 });
    responder.announce("192.0.2.10", { probe: "off" });
    responder.announce("192.0.2.11", { probe: "optimistic" });
    expect(socket.sent()).toEqual([...round(), probe(vip + 1, ours)]);
    expect(responder.state("192.0.2.11")).toBe("optimistic");
    socket.receive({ targetAddress: vip + 1 });
    expect(responder.counters("192.0.2.11")).toMatchObject({ responsesSent: 1 });
  });

  it("knows its own hardware addresses, and learns others", () => {
    const { socket, responder } = announced({ ownMacs: ["02:00:00:00:00:09"] });
    socket.receive(fromVip);
    expect(responder.counters("192.0.2.10")?.conflicts).toBe(0);
    expect(responder.frameCounters.ignored).toBe(1);
    expect(() => responder.setOwnMacs(["02:00:00:00:00:0A", "mac"])).toThrow(TypeError);
    socket.receive(fromVip);
    expect(responder.counters("192.0.2.10")?.conflicts).toBe(0);
    responder.setOwnMacs(["02:00:00:00:00:0A"]);
    socket.receive(fromVip);
    expect(responder.counters("192.0.2.10")?.conflicts).toBe(1);
  });
});
