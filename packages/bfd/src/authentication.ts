import { md5, sha1 } from "@noble/hashes/legacy.js";
import { Parser } from "binary-parser";
import { type BfdPacket, encodeBfd, MANDATORY_BYTES } from "./packet.ts";
import type { AuthenticationFailure } from "./reception.ts";

/**
 * How packets prove who sent them. The keyed kinds hash the packet with the key; the meticulous ones
 * number every packet anew, so that none can be replayed.
 *
 * @see RFC 5880 section 6.7
 */
export type BfdAuthenticationType =
  | "simplePassword"
  | "keyedMd5"
  | "meticulousKeyedMd5"
  | "keyedSha1"
  | "meticulousKeyedSha1";

/** One key, known to both ends. */
export interface BfdKey {
  /** 0 to 255. */
  readonly id: number;
  /** 1 to 16 octets, 1 to 20 for SHA1; not copied. */
  readonly secret: Uint8Array;
}

/** The authentication of a session; both ends need the same type. */
export interface BfdAuthentication {
  readonly type: BfdAuthenticationType;
  /** At least one. The first is sent with, each is accepted: enough to change keys without a break. */
  readonly keys: readonly BfdKey[];
}

/** Seals what a session sends and verifies what it receives. It has the sequence numbers of both. */
export class Authenticator {
  readonly #scheme: Scheme;
  readonly #keys: ReadonlyMap<number, Uint8Array>;
  readonly #sendingKey: BfdKey;
  /** bfd.XmitAuthSeq: that of the packet sealed last. */
  #sequence: number;
  #sealed: Uint8Array | undefined;
  /** bfd.RcvAuthSeq; undefined while bfd.AuthSeqKnown is 0. */
  #received: number | undefined;

  /**
   * `sequence` is where numbering starts: 32 random bits.
   *
   * @throws {RangeError} when the type or a key is not as it must be; the message names it.
   */
  constructor(options: BfdAuthentication, sequence: number) {
    const scheme = SCHEMES[options.type];
    if (scheme === undefined) {
      const types = Object.keys(SCHEMES).join(", ");
      throw new RangeError(`authentication.type must be one of ${types}, got ${options.type}`);
    }
    this.#scheme = scheme;
    for (const key of options.keys) checkKey(key, scheme);
    const [first] = options.keys;
    if (first === undefined) throw new RangeError("authentication.keys must not be empty");
    this.#sendingKey = first;
    this.#keys = new Map(options.keys.map(({ id, secret }) => [id, secret]));
    this.#sequence = sequence >>> 0;
  }

  /** The octets of a packet with its authentication section, in a fresh array. */
  seal(packet: BfdPacket): Uint8Array {
    const { id, secret } = this.#sendingKey;
    const { code, hash, digestBytes } = this.#scheme;
    if (hash === undefined) {
      const authentication = Uint8Array.of(code, secret.length + 3, id, ...secret);
      return encodeBfd({ ...packet, authentication });
    }
    const authentication = new Uint8Array(HASHED_BYTES + digestBytes);
    authentication.set([code, authentication.length, id]);
    const bytes = encodeBfd({ ...packet, authentication });
    this.#number(bytes);
    putUint32(bytes, MANDATORY_BYTES + 4, this.#sequence);
    bytes.set(secret, DIGEST_AT);
    bytes.set(hash(bytes), DIGEST_AT);
    return bytes;
  }

  /**
   * Verifies a received packet, given its own octets (no more than its length says) too. Which rule it
   * breaks; undefined when none, and only then its sequence number is remembered.
   */
  verify(packet: BfdPacket, bytes: Uint8Array): AuthenticationFailure | undefined {
    const { code, hash, digestBytes } = this.#scheme;
    const section = bytes.subarray(MANDATORY_BYTES);
    const [type, lengthBytes, id = 0] = section;
    if (type !== code) return "authenticationType";
    // Before the key, though the RFC asks for the key first: a section of two octets has none.
    if (lengthBytes !== section.length || section.length < 3) return "authenticationLength";
    const secret = this.#keys.get(id);
    if (secret === undefined) return "authenticationKey";
    if (hash === undefined) {
      return isEqual(section.subarray(3), secret) ? undefined : "digest";
    }
    if (section.length !== HASHED_BYTES + digestBytes) return "authenticationLength";
    const { sequence } = layout.parse(section.subarray(0, HASHED_BYTES)) as Layout;
    // Not by slice: of Node's buffers, which sockets hand over, that is no copy.
    const copy = Uint8Array.from(bytes);
    copy.fill(0, DIGEST_AT);
    copy.set(secret, DIGEST_AT);
    if (!isEqual(hash(copy), bytes.subarray(DIGEST_AT))) return "digest";
    // After the digest, though the RFC asks for the number first: it believes the number of a forged
    // packet when none is known.
    if (!this.#isNext(sequence, packet.detectMultiplier)) return "sequence";
    this.#received = sequence;
    return undefined;
  }

  /** Takes any number next: nothing was heard for twice the detection time, the neighbour may be new. */
  forgetSequence(): void {
    this.#received = undefined;
  }

  /** Counts on: for each packet when meticulous, else when it says something new. */
  #number(bytes: Uint8Array): void {
    const last = this.#sealed;
    const isNews = last === undefined || bytes.some((octet, i) => octet !== last[i]);
    if (isNews || this.#scheme.isMeticulous) this.#sequence = (this.#sequence + 1) >>> 0;
    this.#sealed = bytes.slice();
  }

  #isNext(sequence: number, detectMultiplier: number): boolean {
    if (this.#received === undefined) return true;
    const ahead = (sequence - this.#received) >>> 0;
    return ahead >= (this.#scheme.isMeticulous ? 1 : 0) && ahead <= 3 * detectMultiplier;
  }
}

interface Scheme {
  /** Auth Type. */
  readonly code: number;
  readonly isMeticulous: boolean;
  /** Undefined when the password itself is sent. */
  readonly hash: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** Of the digest, and of the longest key. */
  readonly digestBytes: number;
}

const SCHEMES: Readonly<Record<BfdAuthenticationType, Scheme>> = {
  simplePassword: { code: 1, isMeticulous: false, hash: undefined, digestBytes: 16 },
  keyedMd5: { code: 2, isMeticulous: false, hash: md5, digestBytes: 16 },
  meticulousKeyedMd5: { code: 3, isMeticulous: true, hash: md5, digestBytes: 16 },
  keyedSha1: { code: 4, isMeticulous: false, hash: sha1, digestBytes: 20 },
  meticulousKeyedSha1: { code: 5, isMeticulous: true, hash: sha1, digestBytes: 20 },
};

function checkKey({ id, secret }: BfdKey, { digestBytes }: Scheme): void {
  if (!(Number.isInteger(id) && id >= 0 && id <= 0xff)) {
    throw new RangeError(`authentication.keys id must be from 0 to 255, got ${id}`);
  }
  if (secret.length >= 1 && secret.length <= digestBytes) return;
  const range = `from 1 to ${digestBytes} octets`;
  throw new RangeError(`authentication.keys secret must have ${range}, got ${secret.length}`);
}

// RFC 5880 sections 4.3 and 4.4, up to the digest of 16 or 20 octets:
//
// |   Auth Type   |   Auth Len    |  Auth Key ID  |   Reserved    |
// |                        Sequence Number                        |
const layout = new Parser()
  .endianness("big")
  .uint8("type")
  .uint8("lengthBytes")
  .uint8("keyId")
  .uint8("reserved")
  .uint32("sequence");

interface Layout {
  readonly sequence: number;
}

const HASHED_BYTES = 8;
const DIGEST_AT = MANDATORY_BYTES + HASHED_BYTES;

function putUint32(bytes: Uint8Array, offset: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[offset + i] = value >>> (24 - 8 * i);
}

/** Takes the same time wherever they differ. */
function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (const [i, octet] of one.entries()) difference |= octet ^ (other[i] ?? 0);
  return difference === 0;
}
