import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Authenticator, type BfdAuthenticationType } from "./authentication.ts";
import { decodeBfd, encodeBfd } from "./packet.ts";
import { birdMd5, ryuMd5, ryuSha1, ryuSimple } from "./testing/captured.ts";
import { packet } from "./testing/example.ts";

const secret = new TextEncoder().encode("secret");
const keys = [{ id: 2, secret }];
const hashed = [
  ["keyedMd5", 2, "md5", 16],
  ["meticulousKeyedMd5", 3, "md5", 16],
  ["keyedSha1", 4, "sha1", 20],
  ["meticulousKeyedSha1", 5, "sha1", 20],
] as const;
const types: readonly BfdAuthenticationType[] = ["simplePassword", ...hashed.map(([type]) => type)];

const one = (type: BfdAuthenticationType, sequence = 0) =>
  new Authenticator({ type, keys }, sequence);
const verify = (authenticator: Authenticator, bytes: Uint8Array) =>
  authenticator.verify(decodeBfd(bytes), bytes);

/** The octets with some replaced, by offset. */
function altered(bytes: Uint8Array, octets: Readonly<Record<number, number>>): Uint8Array {
  return Uint8Array.from(bytes, (octet, i) => octets[i] ?? octet);
}

describe("authentication", () => {
  it.each([
    ["simplePassword", ryuSimple, 0],
    ["keyedMd5", ryuMd5, 16_859],
    ["keyedSha1", ryuSha1, 16_817],
  ] as const)(
    "seals and verifies the packet that Ryu published for %s",
    (type, bytes, sequence) => {
      const { authentication: _, ...fields } = decodeBfd(bytes);
      expect(verify(one(type), bytes)).toBeUndefined();
      expect(one(type, sequence - 1).seal(fields)).toEqual(bytes);
    },
  );

  it("verifies what BIRD sent", () => {
    const receiver = new Authenticator({ type: "keyedMd5", keys: [{ id: 1, secret }] }, 0);
    expect(verify(receiver, birdMd5)).toBeUndefined();
    expect(decodeBfd(birdMd5)).toMatchObject({ state: "init", yourDiscriminator: 0xc80d5219 });
  });

  it.each(hashed)("hashes as Node does for %s (type %i)", (type, code, algorithm, digestBytes) => {
    const anySecret = fc.uint8Array({ minLength: 1, maxLength: digestBytes });
    fc.assert(
      fc.property(anySecret, fc.nat(255), fc.nat(0xffff_ffff), (key, id, sequence) => {
        const sealed = new Authenticator({ type, keys: [{ id, secret: key }] }, sequence).seal(
          packet,
        );
        const section = Buffer.alloc(8 + digestBytes);
        section.set([code, section.length, id]);
        section.writeUInt32BE((sequence + 1) % 2 ** 32, 4);
        section.set(key, 8);
        const keyed = encodeBfd({ ...packet, authentication: section });
        keyed.set(createHash(algorithm).update(keyed).digest(), 32);
        expect(sealed).toEqual(keyed);
      }),
    );
  });

  it.each(types)("accepts what its like has sealed, whatever it says (%s)", (type) => {
    const [sender, receiver] = [one(type, 77), one(type)];
    for (const state of ["down", "init", "up", "up", "up"] as const) {
      expect(verify(receiver, sender.seal({ ...packet, state }))).toBeUndefined();
    }
  });

  it.each(types)("leaves what it verifies as it is, Node's buffers included (%s)", (type) => {
    const sealed = one(type).seal(packet);
    const received = Buffer.from(sealed);
    expect(verify(one(type), received)).toBeUndefined();
    expect(received.equals(sealed)).toBe(true);
  });

  it.each(types)("notices any bit that is changed (%s)", (type) => {
    const sealed = one(type).seal(packet);
    // A password protects nothing but itself.
    const from = type === "simplePassword" ? 27 : 4;
    for (let at = from; at < sealed.length; at++) {
      const isLength = at === 25;
      const changed = altered(sealed, { [at]: (sealed[at] ?? 0) ^ 0x10 });
      const expected = isLength
        ? "authenticationLength"
        : at === 24
          ? "authenticationType"
          : at === 26
            ? "authenticationKey"
            : "digest";
      expect([at, verify(one(type), changed)]).toEqual([at, expected]);
    }
  });

  it.each(types)("refuses every other type, and sections that are too short (%s)", (type) => {
    for (const other of types) {
      const reason = other === type ? undefined : "authenticationType";
      expect(verify(one(type), one(other).seal(packet))).toBe(reason);
    }
    const code = 1 + types.indexOf(type);
    for (const section of [
      [code, 2],
      [code, 3, 2],
      [code, 7, 2, 0, 0, 0, 0],
    ]) {
      const bytes = encodeBfd({ ...packet, authentication: Uint8Array.from(section) });
      expect(verify(one(type), bytes)).toMatch(/^(authenticationLength|digest)$/);
    }
  });

  it("accepts every key it has, and sends the first", () => {
    const old = { id: 1, secret: new TextEncoder().encode("old") };
    const fresh = { id: 2, secret };
    const type = "keyedSha1";
    const before = new Authenticator({ type, keys: [old] }, 0);
    const during = new Authenticator({ type, keys: [fresh, old] }, 0);
    const after = new Authenticator({ type, keys: [fresh] }, 0);
    expect(verify(during, before.seal(packet))).toBeUndefined();
    expect(verify(after, during.seal(packet))).toBeUndefined();
    expect(verify(before, after.seal(packet))).toBe("authenticationKey");
  });

  it.each(hashed)("takes numbers of a window, in a circle (%s, section 6.7.3)", (type) => {
    const isMeticulous = type.startsWith("meticulous");
    for (const base of [0x1234, 0xffff_fffe]) {
      const numbered = (ahead: number) => one(type, base + ahead - 1).seal(packet);
      const after = (ahead: number) => {
        const receiver = one(type);
        expect(verify(receiver, numbered(0))).toBeUndefined();
        return verify(receiver, numbered(ahead));
      };
      expect(after(0)).toBe(isMeticulous ? "sequence" : undefined);
      expect(after(1)).toBeUndefined();
      expect(after(3 * packet.detectMultiplier)).toBeUndefined();
      expect(after(3 * packet.detectMultiplier + 1)).toBe("sequence");
      expect(after(-1)).toBe("sequence");
    }
  });

  it("takes any number after it was told to forget, and not after a forgery", () => {
    const receiver = one("meticulousKeyedSha1");
    const forged = altered(one("meticulousKeyedSha1", 5_000).seal(packet), { 40: 0 });
    expect(verify(receiver, forged)).toBe("digest");
    expect(verify(receiver, one("meticulousKeyedSha1", 900).seal(packet))).toBeUndefined();
    const restarted = one("meticulousKeyedSha1", 3).seal(packet);
    expect(verify(receiver, restarted)).toBe("sequence");
    receiver.forgetSequence();
    expect(verify(receiver, restarted)).toBeUndefined();
  });

  it.each(hashed)("counts on when it says something new, each time if meticulous (%s)", (type) => {
    const sender = one(type, 0xffff_fffe);
    const numbers = [packet, packet, { ...packet, state: "init" as const }].map((fields) =>
      Buffer.from(sender.seal(fields)).readUInt32BE(28),
    );
    const isMeticulous = type.startsWith("meticulous");
    expect(numbers).toEqual(isMeticulous ? [0xffff_ffff, 0, 1] : [0xffff_ffff, 0xffff_ffff, 0]);
  });

  it.each([
    [{ type: "keyedSha1", keys: [] }, "authentication.keys must not be empty"],
    [{ type: "keyedSha1", keys: [{ id: 256, secret }] }, "id must be from 0 to 255, got 256"],
    [
      { type: "keyedMd5", keys: [{ id: 0, secret: new Uint8Array(17) }] },
      "secret must have from 1 to 16 octets, got 17",
    ],
    [
      { type: "keyedSha1", keys: [{ id: 0, secret: new Uint8Array() }] },
      "secret must have from 1 to 20 octets, got 0",
    ],
    [{ type: "sha256" as "keyedSha1", keys }, "authentication.type must be one of simplePassword"],
  ] as const)("refuses %j", (options, message) => {
    expect(() => new Authenticator(options, 0)).toThrow(RangeError);
    expect(() => new Authenticator(options, 0)).toThrow(message);
  });
});
