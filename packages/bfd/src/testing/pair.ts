import { seededRandom, VirtualClock, type WireOptions } from "@ingot/testkit";
import type { BfdSessionOptions } from "../options.ts";
import type { BfdSession } from "../session.ts";
import { BfdSpeaker } from "../speaker.ts";
import { type Host, Network } from "./network.ts";

/** Two hosts with a session of each other, not yet up. */
export interface Pair {
  readonly clock: VirtualClock;
  readonly hosts: readonly [Host, Host];
  readonly speakers: readonly [BfdSpeaker, BfdSpeaker];
  readonly sessions: readonly [BfdSession, BfdSession];
  /** What the sessions told, with the time: `a up at 5`. */
  readonly events: string[];
}

/** What the two differ in from {@link BfdSessionOptions} with a fast timing. */
export type Options = Partial<BfdSessionOptions>;

/** Two speakers on a wire; `options` are of both, `b` of the second alone. */
export function pair(options: Options = {}, b: Options = {}, wire: WireOptions = {}): Pair {
  const clock = new VirtualClock();
  const network = new Network(clock, wire);
  const hosts = [network.host("192.0.2.1"), network.host("192.0.2.2")] as const;
  const random = seededRandom(wire.seed ?? 1);
  const speakers = [
    new BfdSpeaker(hosts[0], clock, { random }),
    new BfdSpeaker(hosts[1], clock, { random }),
  ] as const;
  const paths = [
    { localAddress: "192.0.2.1", remoteAddress: "192.0.2.2" },
    { localAddress: "192.0.2.2", remoteAddress: "192.0.2.1" },
  ] as const;
  const sessions = [
    speakers[0].open({ ...timing, ...options, ...paths[0] }),
    speakers[1].open({ ...timing, ...options, ...b, ...paths[1] }),
  ] as const;
  const events: string[] = [];
  for (const [i, session] of sessions.entries()) {
    const name = "ab"[i];
    session.on("up", () => events.push(`${name} up at ${Math.round(clock.now())}`));
    session.on("down", ({ reason, isFailure }) => {
      const kind = isFailure ? "failure" : "no failure";
      events.push(`${name} ${reason}, ${kind}, at ${Math.round(clock.now())}`);
    });
  }
  return { clock, hosts, speakers, sessions, events };
}

const timing = { transmitIntervalMs: 50, receiveIntervalMs: 50, detectMultiplier: 3 };

/** A pair that is up and has settled its timing; what it told until then is left out. */
export function pairUp(options: Options = {}, b: Options = {}, wire: WireOptions = {}): Pair {
  const made = pair(options, b, wire);
  made.clock.advance(5_000);
  made.events.length = 0;
  return made;
}
