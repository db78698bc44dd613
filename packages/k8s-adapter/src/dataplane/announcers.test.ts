import {
  ArpOperation,
  type ArpPacket,
  type ArpSocket,
  decodeArp,
  encodeArp,
  formatMac,
  gratuitousRequest,
  parseIpv4,
  parseMac,
  question,
  replyTo,
} from "@ingot/arp";
import { decodeNdp } from "@ingot/ndp";
import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { Announcers, type AnnouncingInterface } from "./announcers.ts";
import type { ConflictSighting } from "./messages.ts";

class FakeSocket implements ArpSocket {
  readonly mac: Uint8Array = Uint8Array.of(2, 0, 0, 0, 0, 1);
  onFrame: ((frame: Uint8Array) => void) | undefined;
  onUp: (() => void) | undefined;
  closed = false;
  /** Gratuitous requests. */
  sent = 0;
  /** Probes. */
  asked = 0;
  readonly questions: ArpPacket[] = [];

  send(frame: Uint8Array): boolean {
    const packet = decodeArp(frame);
    if (packet.operation !== ArpOperation.request) return true;
    if (packet.senderAddress === 0) this.asked += 1;
    else if (packet.senderAddress === packet.targetAddress) this.sent += 1;
    else this.questions.push(packet);
    return true;
  }

  close(): void {
    this.closed = true;
  }
}

function start(refused: readonly string[] = []) {
  const sockets = new Map<string, FakeSocket>();
  const clock = new VirtualClock();
  const failures: string[] = [];
  const joined: string[] = [];
  const conflicts: ConflictSighting[] = [];
  const answers: string[] = [];
  const ndp = { unsolicited: 0, asked: 0 };
  const announcers = new Announcers({
    clock,
    refreshMs: 60_000,
    openArp: (name) => {
      if (refused.includes(name)) throw new Error(`${name} refused`);
      const socket = new FakeSocket();
      sockets.set(name, socket);
      return socket;
    },
    openNdp: (name) => ({
      mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
      onFrame: undefined,
      onUp: undefined,
      send: (frame) => {
        const isQuestion = decodeNdp(frame).type === "neighbor-solicitation";
        ndp[isQuestion ? "asked" : "unsolicited"] += 1;
        return true;
      },
      close: () => {},
      join: (target) => {
        joined.push(`join ${target} on ${name}`);
        return () => joined.push(`leave ${target} on ${name}`);
      },
    }),
    addressOn: () => "10.0.0.250",
    conflict: (sighting) => conflicts.push(sighting),
    answered: (name, address, mac) => answers.push(`${name} ${address} ${formatMac(mac)}`),
    failed: (_, message) => failures.push(message),
  });
  return {
    announcers,
    clock,
    sockets,
    failures,
    joined,
    conflicts,
    answers,
    sent: (name: string) => sockets.get(name)?.sent,
    asked: (name: string) => sockets.get(name)?.asked,
    unsolicited: () => ndp.unsolicited,
    asked6: () => ndp.asked,
  };
}

const both = (...names: readonly string[]): readonly AnnouncingInterface[] =>
  names.map((name) => ({ name, families: [4, 6] }));

describe("announcers", () => {
  it("announce on every interface, or on the wanted ones", () => {
    const { announcers, sent } = start();
    announcers.setInterfaces(both("eth0", "eth1"));
    announcers.start("10.0.0.1", [], "off");
    announcers.start("10.0.0.2", ["eth1"], "off");
    expect([sent("eth0"), sent("eth1")]).toEqual([1, 2]);
  });

  it("announce nothing again that is announced already, until they are told to", () => {
    const { announcers, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    announcers.move(() => []);
    announcers.setInterfaces(both("eth0"));
    expect(sent("eth0")).toBe(1);
    announcers.repeat("10.0.0.1");
    expect(sent("eth0")).toBe(2);
  });

  it("follow an address that is wanted on other interfaces", () => {
    const { announcers, sent, sockets } = start();
    announcers.setInterfaces(both("eth0", "eth1"));
    announcers.start("10.0.0.1", ["eth0"], "off");
    announcers.move(() => ["eth1"]);
    expect([sent("eth0"), sent("eth1")]).toEqual([1, 1]);
    const request = question(parseIpv4("10.0.0.1"), 0, parseMac("02:00:00:00:00:99"));
    for (const socket of sockets.values()) socket.onFrame?.(encodeArp(request));
    expect(announcers.counters()).toMatchObject([{ requestsReceived: 1 }]);
  });

  it("answer at once and hold the gratuitous packets back for 60 ms, or do neither, as told", () => {
    const { announcers, clock, sent, asked } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "optimistic");
    announcers.start("10.0.0.2", [], "first");
    clock.advance(59);
    expect([sent("eth0"), asked("eth0")]).toEqual([0, 4]);
    clock.advance(1);
    expect(sent("eth0")).toBe(2);
  });

  it("ask on one interface as a neighbour would, and hear who answers", () => {
    const { announcers, clock, sockets, answers } = start();
    announcers.setInterfaces(both("eth0", "eth1"));
    const holder = parseMac("02:00:00:00:00:99");
    announcers.ask("eth0", "10.0.0.1", holder);
    announcers.ask("eth9", "10.0.0.1", holder);
    const [asked] = sockets.get("eth0")?.questions ?? [];
    expect(asked).toMatchObject({ destination: holder, senderAddress: parseIpv4("10.0.0.250") });
    if (asked === undefined) return;
    const reply = encodeArp(replyTo(asked, holder));
    for (const socket of sockets.values()) socket.onFrame?.(reply);
    sockets.get("eth0")?.onFrame?.(reply.subarray(0, 20));
    expect(answers).toEqual(["eth0 10.0.0.1 02:00:00:00:00:99"]);
    clock.advance(1_000);
    sockets.get("eth0")?.onFrame?.(reply);
    expect(answers).toHaveLength(1);
  });

  it("announce on an interface that appears later after a look, and close the one that goes", () => {
    const { announcers, clock, sockets, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    announcers.setInterfaces(both("eth1"));
    expect(sockets.get("eth0")?.closed).toBe(true);
    clock.advance(59);
    expect(sent("eth1")).toBe(0);
    clock.advance(1);
    expect(sent("eth1")).toBe(1);
  });

  it("sum the counters of the interfaces, for the announced addresses alone", () => {
    const { announcers } = start();
    announcers.setInterfaces(both("eth0", "eth1"));
    announcers.start("10.0.0.1", [], "off");
    expect(announcers.counters()).toEqual([
      {
        address: "10.0.0.1",
        requestsReceived: 0,
        responsesSent: 0,
        gratuitousSent: 4,
        conflicts: 0,
      },
    ]);
    announcers.stop("10.0.0.1");
    expect(announcers.counters()).toEqual([]);
  });

  it("go on with the other interfaces when one cannot be opened, and try it again when told", () => {
    const { announcers, clock, failures, sent } = start(["eth0"]);
    announcers.start("10.0.0.1", [], "off");
    announcers.setInterfaces(both("eth0", "eth1"));
    expect(failures).toEqual(["eth0 refused"]);
    clock.advance(60);
    expect(sent("eth1")).toBe(1);
  });

  it("tell of another host that claims an address, and go on answering without a defence", () => {
    const { announcers, sockets, conflicts, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    const theirs = gratuitousRequest(parseIpv4("10.0.0.1"), parseMac("02:00:00:00:00:99"));
    sockets.get("eth0")?.onFrame?.(encodeArp(theirs));
    expect(conflicts).toEqual([
      { address: "10.0.0.1", mac: "02:00:00:00:00:99", interface: "eth0", kept: true },
    ]);
    expect(announcers.counters()).toMatchObject([{ address: "10.0.0.1", conflicts: 1 }]);
    expect(sent("eth0")).toBe(1);
  });

  it("find by asking who has an address and says nothing, once a planned move would be over", () => {
    const { announcers, clock, asked, asked6 } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    announcers.start("fd77::1", [], "off");
    clock.advance(4_999);
    expect([asked("eth0"), asked6()]).toEqual([0, 0]);
    clock.advance(30_000);
    expect([asked("eth0"), asked6()]).toEqual([1, 1]);
  });

  it("take no interface of this host or of another speaker for a stranger's, whenever it came", () => {
    const { announcers, sockets, conflicts } = start();
    announcers.setOwnMacs(["02:00:00:00:00:98"]);
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    const hear = (mac: string) => {
      const claim = gratuitousRequest(parseIpv4("10.0.0.1"), parseMac(mac));
      sockets.get("eth0")?.onFrame?.(encodeArp(claim));
    };
    hear("02:00:00:00:00:98");
    announcers.setOwnMacs(["02:00:00:00:00:99"]);
    hear("02:00:00:00:00:99");
    announcers.setFellowMacs([parseMac("02:00:00:00:00:97")]);
    hear("02:00:00:00:00:97");
    hear("02:00:00:00:00:99");
    expect(conflicts).toEqual([]);
    hear("02:00:00:00:00:98");
    expect(conflicts).toHaveLength(1);
  });

  it("send no more than 500 frames a second on an interface, and let the families take turns", () => {
    const { announcers, clock, sent, unsolicited } = start();
    announcers.setInterfaces(both("eth0"));
    const hosts = Array.from({ length: 1_000 }, (_, i) => i + 1);
    const four = hosts.map((i) => `10.0.${i >> 8}.${i & 0xff}`);
    const six = hosts.map((i) => `fd77::${i.toString(16)}`);
    for (const address of [...four, ...six]) announcers.start(address, [], "off");
    clock.advance(2_000);
    const [arp, ndp] = [sent("eth0") ?? 0, unsolicited()];
    expect(arp + ndp).toBeLessThanOrEqual(1_050);
    // Some of the burst at the start went into replies.
    expect(arp + ndp).toBeGreaterThanOrEqual(1_000);
    expect(Math.abs(arp - ndp)).toBeLessThanOrEqual(52);
  });

  it("repeat the gratuitous packets of every address for ever, when told to", () => {
    const { announcers, clock, sent, unsolicited } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    announcers.start("fd77::1", [], "off");
    clock.advance(6_000);
    const afterSchedule = [sent("eth0") ?? 0, unsolicited()] as const;
    clock.advance(120_000);
    expect(sent("eth0")).toBe(afterSchedule[0] + 2);
    expect(unsolicited()).toBe(afterSchedule[1] + 2);
  });

  it("announce IPv6 addresses by NDP, where that can be spoken", () => {
    const { announcers, joined } = start();
    announcers.setInterfaces([...both("eth0"), { name: "eth1", families: [4] }]);
    announcers.start("fd77::1", [], "off");
    expect(joined).toEqual(["join fd77::1 on eth0"]);
    expect(announcers.counters()).toEqual([
      {
        address: "fd77::1",
        requestsReceived: 0,
        responsesSent: 0,
        gratuitousSent: 1,
        conflicts: 0,
      },
    ]);
    announcers.stop("fd77::1");
    expect(joined).toEqual(["join fd77::1 on eth0", "leave fd77::1 on eth0"]);
  });

  it("stop NDP alone when an interface loses its link-local address", () => {
    const { announcers, joined, sockets } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.start("10.0.0.1", [], "off");
    announcers.start("fd77::1", [], "off");
    announcers.setInterfaces([{ name: "eth0", families: [4] }]);
    expect(joined.at(-1)).toBe("leave fd77::1 on eth0");
    expect(sockets.get("eth0")?.closed).toBe(false);
  });
});
