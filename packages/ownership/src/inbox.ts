import { HelloDecodeError } from "./decode-error.ts";
import type { Rejection } from "./facts.ts";
import { decodeHead, decodeHello, type Hello, type HelloHead, peekKeyId } from "./hello.ts";
import { type Keyring, SEAL_BYTES } from "./seal.ts";

/** Turns datagrams into hellos that one who has the key wrote; cheap checks come first. */
export class Inbox {
  readonly #node: string;
  readonly #hasMet: (head: HelloHead) => boolean;

  /** @param hasMet whether a sequence number of a known run was met before. */
  constructor(node: string, hasMet: (head: HelloHead) => boolean) {
    this.#node = node;
    this.#hasMet = hasMet;
  }

  /** The hello in a datagram that was opened before; undefined when it is none. */
  read(sealed: Uint8Array): Hello | undefined {
    try {
      return decodeHello(sealed.subarray(0, sealed.length - SEAL_BYTES));
    } catch (error) {
      if (error instanceof HelloDecodeError) return undefined;
      throw error;
    }
  }

  /** The hello, or why it is none. Nothing is changed by it yet. */
  open(sealed: Uint8Array, keys: Keyring): Hello | Rejection {
    const bytes = sealed.subarray(0, Math.max(0, sealed.length - SEAL_BYTES));
    const keyId = peekKeyId(bytes);
    if (keyId === undefined) return "malformed";
    if (!keys.knows(keyId)) return "unknown-key";
    try {
      const head = decodeHead(bytes);
      if (head.node === this.#node) return "own";
      if (this.#hasMet(head)) return "replayed";
      if (!keys.isGenuine(sealed, keyId)) return "forged";
      return decodeHello(bytes);
    } catch (error) {
      if (error instanceof HelloDecodeError) return "malformed";
      throw error;
    }
  }
}
