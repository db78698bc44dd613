import {
  ArpOperation,
  type ArpSocket,
  decodeArp,
  encodeArp,
  gratuitousRequest,
  parseIpv4,
  parseMac,
} from "@ingot/arp";
import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { Announcers, type AnnouncingInterface } from "./announcers.ts";

class FakeSocket implements ArpSocket {
  readonly mac: Uint8Array = Uint8Array.of(2, 0, 0, 0, 0, 1);
  onFrame: ((frame: Uint8Array) => void) | undefined;
  onUp: (() => void) | undefined;
  closed = false;
  readonly sent: string[] = [];

  send(frame: Uint8Array): boolean {
    const { operation, senderAddress } = decodeArp(frame);
    if (operation === ArpOperation.request) this.sent.push(String(senderAddress));
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
  const conflicts: string[] = [];
  const announcers = new Announcers({
    clock,
    arpRefreshMs: 60_000,
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
      send: () => true,
      close: () => {},
      join: (target) => {
        joined.push(`join ${target} on ${name}`);
        return () => joined.push(`leave ${target} on ${name}`);
      },
    }),
    conflict: (name, address, mac) => conflicts.push(`${address} on ${name} by ${mac}`),
    failed: (_, message) => failures.push(message),
  });
  const sent = (name: string) => sockets.get(name)?.sent.length;
  return { announcers, clock, sockets, failures, joined, conflicts, sent };
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
      { address: "10.0.0.1", requestsReceived: 0, responsesSent: 0, gratuitousSent: 4 },
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
    expect(conflicts).toEqual(["10.0.0.1 on eth0 by 02:00:00:00:00:99"]);
    expect(sent("eth0")).toBe(1);
  });

  it("repeat the gratuitous ARP of every address for ever, when told to", () => {
    const { announcers, clock, sent } = start();
    announcers.setInterfaces(both("eth0"));
    announcers.setAnnouncements([everywhere]);
    clock.advance(6_000);
    const afterSchedule = sent("eth0") ?? 0;
    clock.advance(120_000);
    expect(sent("eth0")).toBe(afterSchedule + 2);
  });

  it("announce IPv6 addresses by NDP, where that can be spoken", () => {
    const { announcers, joined } = start();
    announcers.setInterfaces([...both("eth0"), { name: "eth1", families: [4] }]);
    announcers.setAnnouncements([{ address: "fd77::1", interfaces: [] }]);
    expect(joined).toEqual(["join fd77::1 on eth0"]);
    expect(announcers.counters()).toEqual([
      { address: "fd77::1", requestsReceived: 0, responsesSent: 0, gratuitousSent: 1 },
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
