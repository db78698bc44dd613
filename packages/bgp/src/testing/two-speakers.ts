import { seededRandom, VirtualClock } from "@ingot/testkit";
import type { Peer } from "../peer.ts";
import type { PeerOptions } from "../peer-options.ts";
import { Speaker, type SpeakerOptions } from "../speaker.ts";
import { MemoryNetwork, type NetworkOptions } from "./memory-network.ts";

/** The addresses of the two. */
export const A = "192.0.2.1";
/** The second one's. */
export const B = "192.0.2.2";

/** How two speakers differ from plain ones. */
export interface PairOptions {
  readonly network?: NetworkOptions;
  readonly a?: Partial<PeerOptions>;
  readonly b?: Partial<PeerOptions>;
  readonly speakers?: Partial<SpeakerOptions>;
  /** Who listens; by default both. */
  readonly listens?: readonly string[];
}

/** Two speakers of different ASes in virtual time, each the other's peer. */
export class Pair {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly a: Speaker;
  readonly b: Speaker;
  /** The peer that is B, as A has it. */
  readonly toB: Peer;
  readonly toA: Peer;
  /** What was told of both, in order. */
  readonly log: string[] = [];

  private constructor(options: PairOptions, a: Speaker, b: Speaker, network: MemoryNetwork) {
    this.clock = network.clock;
    this.network = network;
    this.a = a;
    this.b = b;
    const families = [{ afi: 1, safi: 1 }];
    const common = { families, keepRoutes: true };
    this.toB = a.peer({ address: B, asn: 65_002, ...common, ...options.a });
    this.toA = b.peer({ address: A, asn: 65_001, ...common, ...options.b });
    for (const [name, peer] of [
      ["A", this.toB],
      ["B", this.toA],
    ] as const) {
      peer.on("established", () => this.log.push(`${name} up`));
      peer.on("down", (reason) => this.log.push(`${name} down ${reason.type}`));
    }
  }

  static async make(options: PairOptions = {}): Promise<Pair> {
    const clock = new VirtualClock();
    const network = new MemoryNetwork(clock, options.network);
    const random = seededRandom(options.network?.seed ?? 1);
    const speaker = (asn: number, address: string): Speaker =>
      new Speaker({
        asn,
        routerId: address,
        clock,
        random,
        transport: network.host(address),
        ...options.speakers,
      });
    const a = speaker(65_001, A);
    const b = speaker(65_002, B);
    const listens = options.listens ?? [A, B];
    if (listens.includes(A)) await a.listen({ localAddress: A, port: 179 });
    if (listens.includes(B)) await b.listen({ localAddress: B, port: 179 });
    return new Pair(options, a, b, network);
  }

  get isUp(): boolean {
    return this.toA.state === "established" && this.toB.state === "established";
  }

  /** The prefixes that one has of the other, sorted. */
  static prefixes(peer: Peer): string[] {
    return Array.from(peer.routes, ({ prefix }) => prefix).sort();
  }
}
