import type { Allocator } from "@ingot/allocator";
import type { Key } from "../domain.ts";

/** Why an address is kept from others although no Service has it. */
export type HoldReason =
  /** Its Service gave it up, and its status still names it. */
  | "leaving"
  /** Its Service gave it up a moment ago. */
  | "cooling down"
  /** It is to have it whenever it is there. */
  | "reserved"
  /** Another host claims it as well. */
  | "in conflict";

/**
 * Addresses that are kept from others although no Service has them. Each is claimed in the allocator
 * by a holder of its own, which gives way to the Service that it is kept for.
 */
export class Holds {
  readonly #allocator: Allocator;
  readonly #holds = new Map<string, readonly Hold[]>();
  readonly #addressesOf = new Map<Key, Set<string>>();
  /** Who holds each address in the allocator; none while a Service has it. */
  readonly #holders = new Map<string, string>();

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /** Addresses that are kept for a Service, but those that it is leaving. */
  of(key: Key): readonly string[] {
    const addresses = this.#addressesOf.get(key);
    if (addresses === undefined) return NONE;
    return [...addresses].filter((address) =>
      this.#holds.get(address)?.some((hold) => hold.key === key && hold.reason !== "leaving"),
    );
  }

  /** Keeps an address for a Service; while somebody has it, from when nobody does. */
  put(address: string, reason: HoldReason, key: Key): void {
    const holds = this.#holds.get(address) ?? [];
    if (holds.some((hold) => hold.reason === reason && hold.key === key)) return;
    this.#holds.set(address, [...holds, { reason, key }]);
    const addresses = this.#addressesOf.get(key) ?? new Set();
    this.#addressesOf.set(key, addresses.add(address));
    this.regain(address);
  }

  /** Ends one reason; whether nothing keeps the address any more. */
  drop(address: string, reason: HoldReason, key: Key): boolean {
    const holds = this.#holds.get(address);
    const left = holds?.filter((hold) => hold.reason !== reason || hold.key !== key);
    if (holds === undefined || left?.length === holds.length) return false;
    if (!left?.some((hold) => hold.key === key)) this.#forget(key, address);
    this.#release(address);
    if (left !== undefined && left.length > 0) {
      this.#holds.set(address, left);
      this.regain(address);
      return false;
    }
    return this.#holds.delete(address);
  }

  /** Lets a Service have what is kept for it and for nobody else, until `lower`. */
  lift(key: Key): void {
    for (const address of this.#addressesOf.get(key) ?? []) {
      if (this.#holds.get(address)?.every((hold) => hold.key === key)) this.#release(address);
    }
  }

  /** Keeps again what the Service did not take. */
  lower(key: Key): void {
    for (const address of this.#addressesOf.get(key) ?? []) this.regain(address);
  }

  /** Keeps an address that somebody gave up, if there is a reason to; whether it does. */
  regain(address: string): boolean {
    const [hold] = this.#holds.get(address) ?? [];
    if (hold === undefined) return false;
    const known = this.#holders.get(address);
    if (known !== undefined && this.#allocator.assignment(known) !== undefined) return true;
    // A blank is in no name of a Kubernetes object.
    const holder = `${hold.key} (${hold.reason} ${address})`;
    if (!this.#allocator.claim(holder, [address]).ok) return false;
    this.#holders.set(address, holder);
    return true;
  }

  /** The pools have changed, and with them what can be kept. */
  refresh(): void {
    for (const address of this.#holds.keys()) this.regain(address);
  }

  #release(address: string): void {
    const holder = this.#holders.get(address);
    if (holder === undefined) return;
    this.#allocator.release(holder);
    this.#holders.delete(address);
  }

  #forget(key: Key, address: string): void {
    const addresses = this.#addressesOf.get(key);
    addresses?.delete(address);
    if (addresses?.size === 0) this.#addressesOf.delete(key);
  }
}

const NONE: readonly string[] = [];

interface Hold {
  readonly reason: HoldReason;
  readonly key: Key;
}
