import { VirtualClock } from "@ingot/testkit";
import { gratuitousReply, gratuitousRequest } from "../frames.ts";
import type { ArpPacket } from "../packet.ts";
import type { AddressCounters } from "../report.ts";
import { ArpResponder, type ArpResponderOptions } from "../responder.ts";
import { ours, vip } from "./example.ts";
import { FakeSocket } from "./fake-socket.ts";

/** A responder with what it works on. */
export interface Setup {
  readonly socket: FakeSocket;
  readonly clock: VirtualClock;
  readonly responder: ArpResponder;
}

/** A responder for nothing yet. */
export function respond(options?: ArpResponderOptions): Setup {
  const socket = new FakeSocket();
  const clock = new VirtualClock(1_000);
  return { socket, clock, responder: new ArpResponder(socket, clock, options) };
}

/** A responder for 192.0.2.10 that has said so, and is silent now. */
export function announced(options?: ArpResponderOptions): Setup {
  const setup = respond(options);
  setup.responder.announce("192.0.2.10");
  setup.clock.advance(10_000);
  setup.socket.sent();
  return setup;
}

/** What an address starts with. */
export const noCounters: AddressCounters = {
  requestsReceived: 0,
  responsesSent: 0,
  gratuitousSent: 0,
  probesSent: 0,
  conflicts: 0,
  defences: 0,
};

/** One round of gratuitous packets. */
export const round = (address = vip, mac = ours): ArpPacket[] => [
  gratuitousRequest(address, mac),
  gratuitousReply(address, mac),
];
