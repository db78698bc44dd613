import { isIpv6, isLinkLocal } from "./address.ts";
import type { BgpListener, ListenOptions } from "./transport.ts";

/** The peers that sign with a key: those within `lengthBits` of an address. */
export interface KeyedPeers {
  readonly address: string;
  readonly lengthBits: number;
  /** Interface that the peers are behind, which counts where the address is link-local. */
  readonly device: string | undefined;
}

/** The listening sockets of a speaker. Each has the keys of all peers before they connect. */
export class Listeners {
  readonly #all: Listening[] = [];
  readonly #keys = new Map<string, Key>();

  add(listener: BgpListener, { localAddress, device }: ListenOptions): void {
    const listening = { listener, isIpv6: isIpv6(localAddress), device };
    for (const key of this.#keys.values()) setKey(listening, key);
    this.#all.push(listening);
  }

  /** Sets a key, or takes it away. */
  setKey(peers: KeyedPeers, password: string | undefined): void {
    const { address, lengthBits, device } = peers;
    const scope = isLinkLocal(address) ? `%${device}` : "";
    const name = `${address}${scope}/${lengthBits}`;
    if (password === undefined && !this.#keys.has(name)) return;
    const key = { ...peers, password };
    if (password === undefined) this.#keys.delete(name);
    else this.#keys.set(name, key);
    for (const listening of this.#all) setKey(listening, key);
  }

  close(): void {
    for (const { listener } of this.#all.splice(0)) listener.close();
  }
}

interface Key extends KeyedPeers {
  readonly password: string | undefined;
}

interface Listening {
  readonly listener: BgpListener;
  readonly isIpv6: boolean;
  readonly device: string | undefined;
}

/**
 * Nobody of one family can connect to an address of the other, and the system refuses such a key; nor
 * can who has a link-local address on another link.
 */
function setKey({ listener, isIpv6: ofIpv6, device }: Listening, key: Key): void {
  const { address, lengthBits, password } = key;
  if (isIpv6(address) !== ofIpv6) return;
  if (isLinkLocal(address) && device !== undefined && device !== key.device) return;
  listener.setKey(address, lengthBits, password);
}
