import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Authenticator, type BfdAuthenticationType } from "./authentication.ts";
import { type BfdPacket, encodeBfd } from "./packet.ts";
import { type DiscardReason, discardReason } from "./reception.ts";
import { packet } from "./testing/example.ts";
import { type Pair, pairUp } from "./testing/pair.ts";

const secret = Uint8Array.of(1, 2, 3);
const authentication = { type: "meticulousKeyedSha1", keys: [{ id: 1, secret }] } as const;

/** A packet for the first session, that would end it if it was accepted. */
const fatal = ({ sessions }: Pair, fields: Partial<BfdPacket> = {}): BfdPacket => ({
  ...packet,
  yourDiscriminator: sessions[0].discriminator,
  ...fields,
});

describe("reception (RFC 5880 section 6.8.6)", () => {
  it("accepts what breaks no rule", () => {
    expect(discardReason(packet)).toBeUndefined();
    const pair = pairUp();
    pair.hosts[0].receive(encodeBfd(fatal(pair)), "192.0.2.2");
    expect(pair.sessions[0].state).toBe("down");
  });

  it.each<[string, Partial<BfdPacket>]>([
    ["detectMultiplier", { detectMultiplier: 0 }],
    ["multipoint", { multipoint: true }],
    ["myDiscriminator", { myDiscriminator: 0 }],
    ["yourDiscriminator", { yourDiscriminator: 0, state: "init" }],
    ["yourDiscriminator", { yourDiscriminator: 0, state: "up" }],
    ["noSession", { yourDiscriminator: 0xffff_fff0 }],
  ])("discards by the rule %s, and counts it", (reason, fields) => {
    const pair = pairUp();
    const seen: string[] = [];
    pair.speakers[0].on("discarded", (why, { address }) => seen.push(`${why} ${address}`));
    pair.hosts[0].receive(encodeBfd(fatal(pair, fields)), "192.0.2.2");
    expect(pair.sessions[0].state).toBe("up");
    expect(pair.speakers[0].discarded).toEqual({ [reason]: 1 });
    expect(seen).toEqual([`${reason} 192.0.2.2`]);
  });

  it.each([
    ["short", (bytes: Uint8Array) => bytes.subarray(0, 23)],
    ["version", (bytes: Uint8Array) => bytes.with(0, 0x40)],
    ["length", (bytes: Uint8Array) => bytes.with(3, 25)],
  ])("discards octets by the rule %s, and counts it", (reason, spoil) => {
    const pair = pairUp();
    pair.hosts[0].receive(spoil(encodeBfd(fatal(pair))), "192.0.2.2");
    expect(pair.sessions[0].state).toBe("up");
    expect(pair.speakers[0].discarded).toEqual({ [reason]: 1 });
  });

  it("names the first rule that is broken", () => {
    const all = { detectMultiplier: 0, multipoint: true, myDiscriminator: 0, state: "up" } as const;
    expect(discardReason({ ...packet, ...all })).toBe("detectMultiplier");
    expect(discardReason({ ...packet, ...all, detectMultiplier: 1 })).toBe("multipoint");
    const { multipoint: _, ...rest } = { ...all, detectMultiplier: 1 };
    expect(discardReason({ ...packet, ...rest })).toBe("myDiscriminator");
  });

  it("finds the session of a neighbour that does not know it yet by its address", () => {
    const pair = pairUp();
    const fields = { yourDiscriminator: 0 };
    pair.hosts[0].receive(encodeBfd(fatal(pair, fields)), "192.0.2.9");
    expect(pair.speakers[0].discarded).toEqual({ noSession: 1 });
    expect(pair.sessions[0].state).toBe("up");
    pair.hosts[0].receive(encodeBfd(fatal(pair, fields)), "192.0.2.2");
    expect(pair.sessions[0].state).toBe("down");
  });

  it("discards, and counts for its session, what came from elsewhere", () => {
    const pair = pairUp();
    const seen: string[] = [];
    pair.sessions[0].on("discarded", (reason) => seen.push(reason));
    const bytes = encodeBfd(fatal(pair));
    pair.hosts[0].receive(bytes, "192.0.2.9");
    pair.hosts[0].receive(bytes, "192.0.2.2", 254);
    expect(pair.sessions[0].counters.discarded).toEqual({ source: 1, ttl: 1 });
    expect(seen).toEqual(["source", "ttl"]);
    expect(pair.sessions[0].state).toBe("up");
  });

  it("discards what has authentication when none is in use, and the reverse", () => {
    const plain = pairUp();
    const stranger = new Authenticator(authentication, 0);
    plain.hosts[0].receive(stranger.seal(fatal(plain)), "192.0.2.2");
    expect(plain.sessions[0].counters.discarded).toEqual({ unexpectedAuthentication: 1 });
    const sealed = pairUp({ authentication });
    sealed.hosts[0].receive(encodeBfd(fatal(sealed)), "192.0.2.2");
    expect(sealed.sessions[0].counters.discarded).toEqual({ missingAuthentication: 1 });
    sealed.hosts[0].receive(stranger.seal(fatal(sealed)), "192.0.2.2");
    expect(sealed.sessions[0].counters.discarded).toMatchObject({ sequence: 1 });
    expect([plain, sealed].map(({ sessions }) => sessions[0].state)).toEqual(["up", "up"]);
  });

  /** Bound for the first session, sealed as asked; the session knows key 1 for Meticulous SHA1. */
  const sealed = (
    pair: Pair,
    type: BfdAuthenticationType = "meticulousKeyedSha1",
    key = { id: 1, secret },
  ) => new Authenticator({ type, keys: [key] }, 0).seal(fatal(pair));

  it.each<[DiscardReason, (pair: Pair) => Uint8Array]>([
    ["missingAuthentication", (pair) => encodeBfd(fatal(pair))],
    ["authenticationType", (pair) => sealed(pair, "meticulousKeyedMd5")],
    ["authenticationType", (pair) => sealed(pair, "keyedSha1")],
    ["authenticationType", (pair) => sealed(pair, "simplePassword")],
    ["authenticationKey", (pair) => sealed(pair, undefined, { id: 2, secret })],
    // Consistent in itself, but a digest of 19 octets.
    ["authenticationLength", (pair) => sealed(pair).with(3, 51).with(25, 27).subarray(0, 51)],
    ["authenticationLength", (pair) => sealed(pair).with(25, 27)],
    ["digest", (pair) => sealed(pair, undefined, { id: 1, secret: Uint8Array.of(3, 2, 1) })],
    ["digest", (pair) => sealed(pair).with(2, 0xc0)],
    ["sequence", (pair) => sealed(pair)],
  ])("discards by the rule %s, and counts it for the session", (reason, make) => {
    const pair = pairUp({ authentication });
    const seen: string[] = [];
    pair.sessions[0].on("discarded", (why) => seen.push(why));
    const { controlReceived } = pair.sessions[0].counters;
    pair.hosts[0].receive(make(pair), "192.0.2.2");
    const { state, counters } = pair.sessions[0];
    expect({ state, seen, ...counters }).toMatchObject({
      state: "up",
      seen: [reason],
      discarded: { [reason]: 1 },
      controlReceived,
    });
  });

  it("lets a neighbour number anew after twice the detection time", () => {
    const { clock, hosts, speakers, sessions } = pairUp({ authentication });
    expect(sessions[1].state).toBe("up");
    speakers[1].close();
    clock.advance(5_990);
    const restarted = () => new Authenticator(authentication, 0).seal(packet);
    hosts[0].receive(restarted(), "192.0.2.2");
    // Its last packet, AdminDown, announced one a second, and three of them are a detection time.
    expect(sessions[0].counters.discarded).toEqual({ sequence: 1 });
    clock.advance(20);
    hosts[0].receive(restarted(), "192.0.2.2");
    expect(sessions[0].counters.discarded).toEqual({ sequence: 1 });
    expect(sessions[0].state).toBe("init");
  });

  it("is moved by no octets whatever that are not for it, and never throws", () => {
    const pair = pairUp();
    const likely = fc
      .uint8Array({ minLength: 24, maxLength: 60 })
      .map((bytes) => bytes.with(0, 0x20).with(3, Math.min(bytes.length, 24)).with(2, 3));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), likely), (bytes) => {
        pair.hosts[0].receive(bytes, "192.0.2.9");
        expect(pair.sessions[0].state).toBe("up");
      }),
    );
  });
});
