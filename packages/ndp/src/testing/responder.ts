import { VirtualClock } from "@ingot/testkit";
import type { AddressCounters } from "../report.ts";
import { NdpResponder, type NdpResponderOptions } from "../responder.ts";
import { ours, random } from "./example.ts";
import { FakeSocket } from "./fake-socket.ts";

/** A responder with what it works on, and what it told. */
export interface Setup {
  readonly socket: FakeSocket;
  readonly clock: VirtualClock;
  readonly responder: NdpResponder;
  readonly events: unknown[];
}

/** A responder for nothing yet. */
export function respond(options?: NdpResponderOptions): Setup {
  const socket = new FakeSocket(ours);
  const clock = new VirtualClock(1_000);
  const responder = new NdpResponder(socket, clock, { random, ...options });
  const events: unknown[] = [];
  responder.on("claimed", (address) => events.push(`claimed ${address}`));
  responder.on("resumed", (address) => events.push(`resumed ${address}`));
  responder.on("conflict", (conflict) => events.push(conflict));
  return { socket, clock, responder, events };
}

/** A responder for 2001:db8::b that has said so, and is silent now. */
export function announced(options?: NdpResponderOptions): Setup {
  const setup = respond(options);
  setup.responder.announce("2001:db8::b");
  setup.clock.advance(10_000);
  setup.socket.sent();
  setup.events.splice(0);
  return setup;
}

/** What an address starts with. */
export const noCounters: AddressCounters = {
  solicitationsReceived: 0,
  responsesSent: 0,
  unsolicitedSent: 0,
  probesSent: 0,
  conflicts: 0,
  defences: 0,
};
