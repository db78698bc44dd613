import type { Wire, WirePort } from "@ingot/testkit";
import { macToBytes, parseIpv6 } from "../address.ts";
import { ALL_NODES, groupMac, solicitedNodeGroup } from "../group.ts";
import { decodeNdp } from "../packet.ts";
import type { NdpRouterSocket, NdpSocket } from "../socket.ts";

/** The end of a wire as a socket: with a cable that can be pulled, and a filter of groups. */
export class Nic implements NdpSocket, NdpRouterSocket {
  readonly mac: Uint8Array;
  onFrame: ((frame: Uint8Array) => void) | undefined;
  onUp: (() => void) | undefined;
  readonly #port: WirePort;
  readonly #groupMacs: number[] = [groupMac(ALL_NODES)];
  #plugged = true;

  constructor(wire: Wire, mac: number) {
    this.mac = macToBytes(mac);
    this.#port = wire.attach();
    this.#port.onFrame = (frame) => {
      const { destinationMac } = decodeNdp(frame);
      const isForMe = destinationMac === mac || this.#groupMacs.includes(destinationMac);
      if (isForMe) this.onFrame?.(frame);
    };
  }

  send(frame: Uint8Array): boolean {
    this.#port.send(frame);
    return this.#plugged;
  }

  join(target: string): () => void {
    return this.#joinMac(groupMac(solicitedNodeGroup(parseIpv6(target))));
  }

  joinGroup(group: string): () => void {
    return this.#joinMac(groupMac(parseIpv6(group)));
  }

  close(): void {
    this.#port.close();
  }

  /** Pulls the cable. */
  unplug(): void {
    this.#plugged = false;
    this.#port.cut();
  }

  /** Plugs it back in. */
  plug(): void {
    this.#plugged = true;
    this.#port.heal();
    this.onUp?.();
  }

  #joinMac(mac: number): () => void {
    this.#groupMacs.push(mac);
    return () => void this.#groupMacs.splice(this.#groupMacs.indexOf(mac), 1);
  }
}
