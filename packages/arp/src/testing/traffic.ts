import { VirtualClock } from "@ingot/testkit";
import { formatIpv4, macToBytes, parseIpv4 } from "../address.ts";
import { ArpOperation, type ArpPacket, decodeArp } from "../packet.ts";
import { ArpResponder, type ArpResponderOptions } from "../responder.ts";
import type { ArpSocket } from "../socket.ts";
import { ours } from "./example.ts";

/** The first of many addresses. */
export const first: number = parseIpv4("198.18.0.0");

/** A frame that was sent, and when. */
export interface Sent {
  readonly at: number;
  readonly packet: ArpPacket;
}

/** A responder for many addresses, and all that it sends. */
export interface Crowd {
  readonly clock: VirtualClock;
  readonly sent: Sent[];
  readonly socket: ArpSocket;
  readonly responder: ArpResponder;
  /** Announces so many addresses, from the first plus `from` on. */
  announce(count: number, from?: number): void;
}

/** A responder for nothing yet. */
export function segment(
  options?: ArpResponderOptions,
  clock: VirtualClock = new VirtualClock(),
): Crowd {
  const sent: Sent[] = [];
  const socket: ArpSocket = {
    mac: macToBytes(ours),
    onFrame: undefined,
    onUp: undefined,
    send: (frame) => sent.push({ at: clock.now(), packet: decodeArp(frame) }) > 0,
    close: () => {},
  };
  const responder = new ArpResponder(socket, clock, options);
  const announce = (count: number, from = 0) => {
    for (let i = from; i < from + count; i++) responder.announce(formatIpv4(first + i));
  };
  return { clock, sent, socket, responder, announce };
}

/** When each address was first sent for, of the frames that `wanted` picks. */
export function firstTimes(
  sent: readonly Sent[],
  wanted: (packet: ArpPacket) => boolean,
): number[] {
  const times = new Map<number, number>();
  for (const { at, packet } of sent) {
    if (wanted(packet) && !times.has(packet.targetAddress)) times.set(packet.targetAddress, at);
  }
  return [...times.values()];
}

/** The most frames in any stretch of so many milliseconds. */
export function mostWithin(sent: readonly Sent[], ms: number): number {
  let most = 0;
  let from = 0;
  for (const [i, { at }] of sent.entries()) {
    while ((sent[from]?.at ?? at) <= at - ms) from += 1;
    most = Math.max(most, i - from + 1);
  }
  return most;
}

/** Whether it is a request, probes among them. */
export const isRequest = ({ operation }: ArpPacket): boolean => operation === ArpOperation.request;

/** Whether it is a reply. */
export const isReply = ({ operation }: ArpPacket): boolean => operation === ArpOperation.reply;
