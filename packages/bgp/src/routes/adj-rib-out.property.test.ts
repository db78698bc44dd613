import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PathAttributes } from "../path-attributes.ts";
import { Receiver } from "../testing/receiver.ts";
import { AdjRibOut } from "./adj-rib-out.ts";
import type { Outbox } from "./outbox.ts";
import type { ExportFilter, SessionClass } from "./session-class.ts";

// Anything done to a few outboxes in any order, against the plainest model there can be: what the
// caller announced last. Whoever reads what an outbox gives out must come to the same table, must
// never see anything but the newest state of a route at the time, and never a withdrawal of what it
// did not have (for which the receiver throws).

const ipv4 = { afi: 1, safi: 1 };
const ipv6 = { afi: 2, safi: 1 };
const external: SessionClass = {
  fourOctetAs: true,
  internal: false,
  localAsn: 65_001,
  maxMessageLength: 4_096,
  families: [ipv4, ipv6],
  nextHop: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
};
const CLASSES: readonly SessionClass[] = [
  external,
  { ...external, maxMessageLength: 65_535 },
  { ...external, internal: true, gracefulShutdown: true },
  { ...external, nextHop: { ipv6: "2001:db8::1" }, extendedNextHop: true },
  { ...external, nextHop: { ipv4: "192.0.2.1" } },
];
const PREFIXES = [
  ...Array.from({ length: 12 }, (_, i) => `192.0.2.${i}/32`),
  "0.0.0.0/0",
  "198.51.100.0/23",
  "2001:db8::/32",
  "2001:db8::1/128",
  "2001:db8:0:8000::/49",
  "::/0",
];
const SETS: readonly PathAttributes[] = Array.from({ length: 4 }, (_, i) => ({
  origin: "igp",
  asPath: [],
  nextHop: i === 3 ? "2001:db8::9" : "::",
  // Large enough that a pull of 4,096 octets ends in the middle.
  communities: Array.from({ length: 250 }, (__, n) => n * (i + 1)),
}));
const REPLACEMENT: PathAttributes = { origin: "egp", asPath: [], nextHop: "::" };
const FILTERS: readonly (ExportFilter | undefined)[] = [
  undefined,
  (prefix) => !prefix.endsWith("1/32"),
  (_, attributes) => attributes !== SETS[1],
  (prefix) => (prefix.length > 12 ? REPLACEMENT : true),
];

/** One peer: its outbox, and what its end of the wire has. */
class Peer {
  readonly outbox: Outbox;
  readonly receiver = new Receiver();
  readonly #rib: AdjRibOut;
  #session: SessionClass;
  #filter: ExportFilter | undefined;
  /** Whether it knows that there is something to pull. */
  #isAwake: boolean;

  constructor(rib: AdjRibOut, session: SessionClass, filter: ExportFilter | undefined) {
    this.#rib = rib;
    this.#session = session;
    this.#filter = filter;
    this.outbox = rib.attach(session, filter);
    this.#isAwake = this.outbox.pending;
    this.outbox.onPending = () => {
      expect(this.#isAwake).toBe(false);
      this.#isAwake = true;
    };
  }

  setFilter(filter: ExportFilter | undefined): void {
    this.#filter = filter;
    this.outbox.setFilter(filter);
  }

  setClass(session: SessionClass): void {
    if (session.maxMessageLength !== this.#session.maxMessageLength) return;
    this.#session = session;
    this.outbox.setClass(session);
  }

  get isAwake(): boolean {
    return this.#isAwake;
  }

  pull(): boolean {
    const { maxMessageLength } = this.#session;
    const octets = this.outbox.pull(maxMessageLength);
    this.#isAwake = this.outbox.pending;
    if (octets === undefined) return false;
    expect(octets.length).toBeLessThanOrEqual(maxMessageLength);
    const before = this.receiver.log.length;
    this.receiver.receive(octets);
    const expected = this.expected();
    for (const line of this.receiver.log.slice(before)) {
      const prefix = line.slice(2);
      if (!line.startsWith("+ ") && !line.startsWith("- ")) continue;
      expect(this.receiver.table.get(prefix)).toBe(expected.get(prefix));
    }
    return true;
  }

  /** What a new peer of the same kind would get, which is the plain case. */
  expected(): Map<string, string> {
    const fresh = new AdjRibOut();
    for (const { prefix, attributes } of this.#rib.routes()) fresh.announce(prefix, attributes);
    const outbox = fresh.attach(this.#session, this.#filter);
    const receiver = new Receiver();
    for (let octets = outbox.pull(); octets !== undefined; octets = outbox.pull()) {
      receiver.receive(octets);
    }
    return receiver.table;
  }
}

const which = fc.nat(100);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant("announce"), which, which) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("withdraw"), which, which) },
  { weight: 8, arbitrary: fc.tuple(fc.constant("pull"), which, which) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom("attach", "detach", "refresh", "endOfRib", "setFilter", "setClass"),
      which,
      which,
    ),
  },
);
type Step = [string, number, number];

function of<T>(items: readonly T[], number: number): T {
  return items[number % items.length] as T;
}

describe("outboxes of one Adj-RIB-Out", () => {
  it("bring every peer to what is announced, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps: Step[]) => {
        const rib = new AdjRibOut();
        const model = new Map<string, PathAttributes>();
        const peers: Peer[] = [];
        for (const [action, a, b] of steps) {
          const peer = peers[a % Math.max(1, peers.length)];
          if (action === "announce") {
            rib.announce(of(PREFIXES, a), of(SETS, b));
            model.set(of(PREFIXES, a), of(SETS, b));
          } else if (action === "withdraw") {
            expect(rib.withdraw(of(PREFIXES, a))).toBe(model.delete(of(PREFIXES, a)));
          } else if (action === "attach" && peers.length < 6) {
            peers.push(new Peer(rib, of(CLASSES, a % 7), of(FILTERS, b % 7 > 3 ? 0 : b % 7)));
          } else if (peer === undefined) continue;
          else if (action === "pull") peer.pull();
          else if (action === "refresh")
            peer.outbox.refresh(b % 2 === 0 ? ipv4 : ipv6, b % 3 === 0);
          else if (action === "endOfRib") peer.outbox.endOfRib(b % 2 === 0 ? ipv4 : ipv6);
          else if (action === "setFilter") peer.setFilter(of(FILTERS, b));
          else if (action === "setClass") peer.setClass(of(CLASSES, b));
          else if (action === "detach") {
            peer.outbox.detach();
            peers.splice(peers.indexOf(peer), 1);
          }
          expect(rib.size).toBe(model.size);
          for (const { outbox, isAwake } of peers) expect(isAwake || !outbox.pending).toBe(true);
        }
        const routes = Array.from(rib.routes(), ({ prefix, attributes }) => [prefix, attributes]);
        expect(new Map(routes as [string, PathAttributes][])).toEqual(model);
        for (const peer of peers) {
          while (peer.pull());
          const expected = peer.expected();
          expect(peer.outbox.pending).toBe(false);
          expect(peer.receiver.table).toEqual(expected);
          expect(peer.outbox.counters.advertised).toBe(expected.size);
          for (const prefix of PREFIXES) expect(peer.outbox.has(prefix)).toBe(expected.has(prefix));
        }
      }),
      { numRuns: 60 },
    );
  });
});
