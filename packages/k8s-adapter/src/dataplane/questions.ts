import {
  type ArpSocket,
  decodeArp,
  encodeArp,
  macFromBytes,
  parseIpv4,
  peekSender,
  question,
} from "@ingot/arp";
import {
  decodeNdp,
  encodeNdp,
  linkLocalOf,
  type NdpSocket,
  neighborSolicitation,
  parseIpv6,
  peekTarget,
} from "@ingot/ndp";
import type { Clock } from "../clock.ts";

/** Asks on one interface who has an address, as a neighbour would. */
export interface Inquirer {
  /** @param mac who is believed to have it; undefined: everybody is asked. */
  ask(address: string, mac: number | undefined): void;
}

/** What an inquirer works with. */
export interface InquirerOptions {
  readonly clock: Clock;
  /** Somebody with the hardware address `mac` says that he has what was asked for. */
  readonly answered: (address: string, mac: number) => void;
  /** An IPv4 address of this host on the interface, if there is one. */
  readonly ownAddress: () => string | undefined;
}

/** An ARP socket that its owner shares with one who asks: all frames go to the owner, too. */
export function inquiringArp(
  socket: ArpSocket,
  options: InquirerOptions,
): { readonly socket: ArpSocket; readonly inquirer: Inquirer } {
  const pending = new Pending<number>(options.clock);
  const listen = (frame: Uint8Array): void => {
    const address = pending.isEmpty ? undefined : pending.textOf(peekSender(frame));
    if (address === undefined) return;
    const mac = attempt(() => decodeArp(frame).senderMac);
    if (mac !== undefined && mac !== macFromBytes(socket.mac)) options.answered(address, mac);
  };
  const ask = (address: string, holder: number | undefined): void => {
    const key = parseIpv4(address);
    const own = options.ownAddress();
    pending.add(key, address);
    const sender = own === undefined ? 0 : parseIpv4(own);
    socket.send(encodeArp(question(key, sender, macFromBytes(socket.mac), holder)));
  };
  return { socket: overheard(socket, listen), inquirer: { ask } };
}

/** The same for NDP. */
export function inquiringNdp(
  socket: NdpSocket,
  options: InquirerOptions,
): { readonly socket: NdpSocket; readonly inquirer: Inquirer } {
  const pending = new Pending<ReturnType<typeof parseIpv6>>(options.clock);
  const listen = (frame: Uint8Array): void => {
    const address = pending.isEmpty ? undefined : pending.textOf(peekTarget(frame));
    if (address === undefined) return;
    const packet = attempt(() => decodeNdp(frame));
    if (packet?.type !== "neighbor-advertisement") return;
    if (packet.sourceMac !== macFromBytes(socket.mac)) options.answered(address, packet.sourceMac);
  };
  const ask = (address: string, holder: number | undefined): void => {
    const key = parseIpv6(address);
    const mac = macFromBytes(socket.mac);
    pending.add(key, address);
    const toAll = neighborSolicitation(key, linkLocalOf(mac), mac);
    const toOne = { ...toAll, destination: key, destinationMac: holder ?? toAll.destinationMac };
    socket.send(encodeNdp(holder === undefined ? toAll : toOne));
  };
  const shared = Object.assign(overheard(socket, listen), {
    join: (target: string) => socket.join(target),
  });
  return { socket: shared, inquirer: { ask } };
}

/** What was asked, for as long as an answer is waited for. */
class Pending<Key> {
  readonly #clock: Clock;
  readonly #texts = new Map<Key, string>();
  #isSweeping = false;
  #young = new Set<Key>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#texts.size === 0;
  }

  textOf(key: Key | undefined): string | undefined {
    return key === undefined ? undefined : this.#texts.get(key);
  }

  add(key: Key, text: string): void {
    this.#texts.set(key, text);
    this.#young.add(key);
    if (!this.#isSweeping) this.#sweepLater();
  }

  #sweepLater(): void {
    this.#isSweeping = true;
    this.#clock.setTimer(WAIT_MS, () => {
      this.#isSweeping = false;
      for (const key of this.#texts.keys()) if (!this.#young.has(key)) this.#texts.delete(key);
      this.#young = new Set();
      if (!this.isEmpty) this.#sweepLater();
    });
  }
}

/** At least as long as anybody waits for an answer. */
const WAIT_MS = 500;

type FrameSocket = Pick<ArpSocket, "mac" | "send" | "onFrame" | "onUp" | "close">;

/** The same socket for its owner, but somebody hears each frame first. */
function overheard(socket: FrameSocket, listen: (frame: Uint8Array) => void): FrameSocket {
  let onFrame: ((frame: Uint8Array) => void) | undefined;
  socket.onFrame = (frame) => {
    listen(frame);
    onFrame?.(frame);
  };
  return {
    get mac() {
      return socket.mac;
    },
    send: (frame) => socket.send(frame),
    get onFrame() {
      return onFrame;
    },
    set onFrame(receive) {
      onFrame = receive;
    },
    get onUp() {
      return socket.onUp;
    },
    set onUp(up) {
      socket.onUp = up;
    },
    close: () => socket.close(),
  };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
