import { describe, expect, it } from "vitest";
import { encodeMessage } from "./header.ts";
import { KEEPALIVE } from "./keepalive.ts";
import { encodeNotification } from "./notification.ts";
import type { PeerOptions } from "./peer-options.ts";
import { encodeRouteRefresh } from "./route-refresh.ts";
import { concat } from "./testing/octets.ts";
import { RawPeer, theirOpen } from "./testing/raw-peer.ts";
import { attribute, NEXT_HOP, ORIGIN, prefixes, updateBody } from "./testing/update.ts";

const PATH = attribute(2, 0x40, "0201 0000fdea");
const route = (prefix: string, ...more: readonly Uint8Array[]): Uint8Array =>
  encodeMessage(
    2,
    updateBody({ attributes: [ORIGIN, PATH, NEXT_HOP, ...more], announced: prefixes(prefix) }),
  );
const FIRST = route("192.0.2.0/24");
const SECOND = route("198.51.100.0/24");
/** MULTI_EXIT_DISC of three octets: what it announces is withdrawn. */
const MALFORMED = route("203.0.113.0/24", attribute(4, 0x80, "000000"));
const ASKS = encodeRouteRefresh({ type: "route-refresh", afi: 1, safi: 1, subtype: 0 });
const LEAVES = encodeNotification({
  ...{ type: "notification", code: 6, subcode: 2 },
  data: Uint8Array.of(2, 0x6f, 0x6b),
});

/** Everything that comes of a stream in these pieces: what is told, and what is answered. */
function outcome(...pieces: readonly Uint8Array[]): unknown {
  const told: unknown[] = [];
  const raw = new RawPeer({
    onRoutes: ({ announced, withdrawn }) => told.push({ announced, withdrawn }),
  });
  raw.speaker.announce("10.0.0.1/32", { origin: "igp", asPath: [], nextHop: "0.0.0.0" });
  raw.peer.on("established", ({ negotiated }) => told.push(negotiated));
  raw.peer.on("down", (reason) => told.push(reason));
  raw.peer.on("failed", (reason) => told.push(reason));
  raw.peer.on("state", (state) => told.push(state));
  raw.say(...pieces);
  raw.settle();
  // What comes after the end is not even counted.
  const { octetsReceived: _, ...counters } = raw.peer.counters;
  return { told, heard: raw.transcript.lines, counters, isOpen: raw.isOpen };
}

describe("a session", () => {
  it.each<[string, readonly Uint8Array[]]>([
    ["that the peer ends", [KEEPALIVE, FIRST, MALFORMED, ASKS, SECOND, KEEPALIVE, LEAVES, FIRST]],
    ["with a header that is wrong", [KEEPALIVE, FIRST, Uint8Array.from(FIRST, (o) => o ^ 1)]],
    ["with an UPDATE that resets", [KEEPALIVE, encodeMessage(2, Uint8Array.of(0, 9, 0, 0)), FIRST]],
    ["with an UPDATE too early", [FIRST, KEEPALIVE]],
  ])("%s is the same wherever its stream is split", (_, messages) => {
    const stream = concat(theirOpen(), ...messages);
    const whole = outcome(stream);
    expect(JSON.stringify(whole)).toContain("open-confirm");
    for (let at = 1; at < stream.length; at++) {
      const split = outcome(stream.subarray(0, at), stream.subarray(at));
      expect(split, `split after ${at} octets`).toEqual(whole);
    }
    expect(outcome(...Array.from(stream, (octet) => Uint8Array.of(octet)))).toEqual(whole);
  });
});

describe("somebody who is told, and throws,", () => {
  const error = new Error("the listener's own");
  const established = (options: Partial<PeerOptions>, ...rest: readonly Uint8Array[]) => {
    const raw = new RawPeer({ keepRoutes: true, ...options });
    expect(() => raw.say(concat(theirOpen(), KEEPALIVE, ...rest))).toThrow(error);
    return raw;
  };

  it("keeps nobody from what came behind in the same piece", () => {
    const fail = () => {
      throw error;
    };
    const raw = established({ onRoutes: fail }, FIRST, SECOND, ASKS);
    expect(Array.from(raw.peer.routes, ({ prefix }) => prefix)).toEqual([
      "192.0.2.0/24",
      "198.51.100.0/24",
    ]);
    raw.settle();
    expect(raw.heard).toContain("ROUTE-REFRESH");
    expect(raw.peer.state).toBe("established");
  });

  it("does not lose half of an UPDATE of two families", () => {
    let calls = 0;
    const reach = attribute(14, 0x80, "0002 01 10 20010db8000000000000000000000001 00 20 20010db8");
    const both = route("192.0.2.0/24", reach);
    established(
      {
        onRoutes: () => {
          calls += 1;
          throw error;
        },
      },
      both,
    );
    expect(calls).toBe(2);
  });

  it("keeps the next listener's news from nobody", () => {
    const raw = new RawPeer();
    const states: string[] = [];
    raw.peer.on("established", () => {
      throw error;
    });
    raw.peer.on("state", (state) => states.push(state));
    expect(() => raw.say(concat(theirOpen(), KEEPALIVE))).toThrow(error);
    expect(states).toEqual(["open-confirm", "established"]);
  });

  it("as an export filter leaves out what it throws at, and nothing else", () => {
    const raw = new RawPeer({
      exportFilter: (prefix) => {
        if (prefix === "10.0.0.1/32") throw error;
        return true;
      },
    });
    raw.say(concat(theirOpen(), KEEPALIVE));
    const attributes = { origin: "igp", asPath: [], nextHop: "0.0.0.0" } as const;
    raw.speaker.announce("10.0.0.1/32", attributes);
    raw.speaker.announce("10.0.0.2/32", attributes);
    expect(() => raw.settle()).toThrow(error);
    expect(raw.peer.counters.sent).toMatchObject({ advertised: 1, leftOut: { filter: 1 } });
    raw.speaker.announce("10.0.0.3/32", attributes);
    raw.settle();
    expect(raw.peer.counters.sent?.advertised).toBe(2);
  });
});

it("KEEPALIVE leaves before anybody is told", () => {
  const raw = new RawPeer();
  let before = 0;
  raw.peer.on("state", (state) => {
    if (state === "open-confirm") before = raw.transcript.lines.length;
  });
  raw.say(theirOpen());
  // OPEN, and the KEEPALIVE that answers theirs.
  expect(before).toBe(2);
  expect(raw.transcript.lines.at(-1)?.message).toBe("KEEPALIVE");
});
