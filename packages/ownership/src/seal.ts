import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** How many octets of the HMAC a datagram ends with. */
export const SEAL_BYTES = 16;

/**
 * The keys that speakers share: HMAC-SHA-256 (RFC 2104), its first 16 octets. The first key seals; all
 * are accepted, so that a key can be replaced without a gap: first it is accepted everywhere, then it
 * seals, then the old one goes.
 */
export class Keyring {
  readonly #keys: readonly Key[];

  /** @throws {RangeError} when there is no key, more than four, or one of fewer than 16 octets. */
  constructor(secrets: readonly Uint8Array[]) {
    if (secrets.length < 1 || secrets.length > 4) {
      throw new RangeError(`keys must be 1 to 4, got ${secrets.length}`);
    }
    this.#keys = secrets.map(keyOf);
  }

  /** Names the key that seals; says nothing about it. */
  get id(): number {
    return this.#keys[0]?.id ?? 0;
  }

  knows(id: number): boolean {
    return this.#keys.some((key) => key.id === id);
  }

  /** The octets and what proves that one who has the key wrote them. */
  seal(bytes: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(bytes.length + SEAL_BYTES);
    sealed.set(bytes);
    const [key] = this.#keys;
    if (key !== undefined) sealed.set(key.tagOf(bytes), bytes.length);
    return sealed;
  }

  /** Whether octets that name key `id` end with its seal. */
  isGenuine(sealed: Uint8Array, id: number): boolean {
    const key = this.#keys.find((candidate) => candidate.id === id);
    if (key === undefined || sealed.length < SEAL_BYTES) return false;
    const end = sealed.length - SEAL_BYTES;
    const expected = key.tagOf(sealed.subarray(0, end));
    // Looks at every octet, so that the time it takes does not tell how many of them were right.
    let difference = 0;
    for (let i = 0; i < SEAL_BYTES; i++) {
      difference |= (expected[i] ?? 0) ^ (sealed[end + i] ?? 0);
    }
    return difference === 0;
  }
}

interface Key {
  readonly id: number;
  readonly tagOf: (bytes: Uint8Array) => Uint8Array;
}

function keyOf(secret: Uint8Array): Key {
  if (secret.length < 16) {
    throw new RangeError(`a key must have at least 16 octets, got ${secret.length}`);
  }
  // Started once a key: a third of the time of a short datagram.
  const started = hmac.create(sha256, secret);
  const tagOf = (bytes: Uint8Array) =>
    started.clone().update(bytes).digest().subarray(0, SEAL_BYTES);
  const name = tagOf(utf8ToBytes("ingot ownership key id"));
  return { id: new DataView(name.buffer, name.byteOffset).getUint32(0), tagOf };
}
