import {
  ArpOperation,
  type ArpSocket,
  decodeArp,
  encodeArp,
  gratuitousRequest,
  parseIpv4,
  parseMac,
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

  send(frame: Uint8Array): boolean {
    const { operation, senderAddress } = decodeArp(frame);
    if (operation !== ArpOperation.request) return true;
    if (senderAddress === 0) this.asked += 1;
    else this.sent += 1;
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
    conflict: (sighting) => conflicts.push(sighting),
    failed: (_, message) => failures.push(message),
  });
  return {
    announcers,
    clock,
    sockets,
    failures,
    joined,
    conflicts,
    sent: (name: string) => sockets.get(name)?.sent,
    asked: (name: string) => sockets.get(name)?.asked,
    unsolicited: () => ndp.unsolicited,
    asked6: () => ndp.asked,
  };
}

const both = (...names: readonly string[]): readonly AnnouncingInterface[] =>
  names.map((name) => ({ name, families: [4, 6] }));
const everywhere = { address: "10.0.0.1", interfaces: [] };
const onEth1 = { address: "10.0.0.2", interfaces: ["eth1"] };

describe("announcers", () => {
  it("announce on every interface, or on the wanted ones", () => {
    const { announcers, sent } = start();
    announcers.setInterfaces(both("eth0", "eth1"));
    announcers.setAnnouncements([everywhere, onEth1]);
    expect([sent("eth0"), sent("eth1")]).toEqual([1, 2]);
  });

  it("announce nothing again that is announced already", () => {
    const { announcers, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.setAnnouncements([everywhere]);
    announcers.setAnnouncements([everywhere]);
    announcers.setInterfaces(both("eth0"));
    expect(sent("eth0")).toBe(1);
  });

  it("announce on an interface that appears later, and close the one that goes", () => {
    const { announcers, sockets, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.setAnnouncements([everywhere]);
    announcers.setInterfaces(both("eth1"));
    expect(sockets.get("eth0")?.closed).toBe(true);
    expect(sent("eth1")).toBe(1);
  });

  it("sum the counters of the interfaces, for the announced addresses alone", () => {
    const { announcers } = start();
    announcers.setInterfaces(both("eth0", "eth1"));
    announcers.setAnnouncements([everywhere]);
    expect(announcers.counters()).toEqual([
      {
        address: "10.0.0.1",
        requestsReceived: 0,
        responsesSent: 0,
        gratuitousSent: 4,
        conflicts: 0,
      },
    ]);
    announcers.setAnnouncements([]);
    expect(announcers.counters()).toEqual([]);
  });

  it("go on with the other interfaces when one cannot be opened, and try it again when told", () => {
    const { announcers, failures, sent } = start(["eth0"]);
    announcers.setAnnouncements([everywhere]);
    announcers.setInterfaces(both("eth0", "eth1"));
    expect(failures).toEqual(["eth0 refused"]);
    expect(sent("eth1")).toBe(1);
  });

  it("tell of another host that claims an address, and go on answering without a defence", () => {
    const { announcers, sockets, conflicts, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.setAnnouncements([everywhere]);
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
    announcers.setAnnouncements([everywhere, { address: "fd77::1", interfaces: [] }]);
    clock.advance(4_999);
    expect([asked("eth0"), asked6()]).toEqual([0, 0]);
    clock.advance(30_000);
    expect([asked("eth0"), asked6()]).toEqual([1, 1]);
  });

  it("take no interface of this host for another's, whether it came before or after", () => {
    const { announcers, sockets, conflicts } = start();
    announcers.setOwnMacs(["02:00:00:00:00:98"]);
    announcers.setInterfaces(both("eth0"));
    announcers.setAnnouncements([everywhere]);
    const hear = (mac: string) => {
      const claim = gratuitousRequest(parseIpv4("10.0.0.1"), parseMac(mac));
      sockets.get("eth0")?.onFrame?.(encodeArp(claim));
    };
    hear("02:00:00:00:00:98");
    announcers.setOwnMacs(["02:00:00:00:00:99"]);
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
    announcers.setAnnouncements([...four, ...six].map((address) => ({ address, interfaces: [] })));
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
    announcers.setAnnouncements([everywhere, { address: "fd77::1", interfaces: [] }]);
    clock.advance(6_000);
    const afterSchedule = [sent("eth0") ?? 0, unsolicited()] as const;
    clock.advance(120_000);
    expect(sent("eth0")).toBe(afterSchedule[0] + 2);
    expect(unsolicited()).toBe(afterSchedule[1] + 2);
  });

  it("announce IPv6 addresses by NDP, where that can be spoken", () => {
    const { announcers, joined } = start();
    announcers.setInterfaces([...both("eth0"), { name: "eth1", families: [4] }]);
    announcers.setAnnouncements([{ address: "fd77::1", interfaces: [] }]);
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
    announcers.setAnnouncements([]);
    expect(joined).toEqual(["join fd77::1 on eth0", "leave fd77::1 on eth0"]);
  });

  it("stop NDP alone when an interface loses its link-local address", () => {
    const { announcers, joined, sockets } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.setAnnouncements([everywhere, { address: "fd77::1", interfaces: [] }]);
    announcers.setInterfaces([{ name: "eth0", families: [4] }]);
    expect(joined.at(-1)).toBe("leave fd77::1 on eth0");
    expect(sockets.get("eth0")?.closed).toBe(false);
  });
});
