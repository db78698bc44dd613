import { VirtualClock } from "@ingot/testkit";
import { encodeOpen } from "../open.ts";
import { localOpen } from "../open-policy.ts";
import type { Peer } from "../peer.ts";
import type { PeerOptions, SessionOptions } from "../peer-options.ts";
import { resolveOptions } from "../resolve-options.ts";
import { Speaker } from "../speaker.ts";
import type { BgpConnection } from "../transport.ts";
import { Transcript } from "./transcript.ts";

/** The addresses of the two. */
export const OURS = "192.0.2.1";
/** The second one's. */
export const THEIRS = "192.0.2.2";

/** A speaker that has dialled its only peer, and that peer by hand: octets in, messages out. */
export class RawPeer {
  readonly clock: VirtualClock = new VirtualClock();
  readonly speaker: Speaker;
  /** As the speaker has it. */
  readonly peer: Peer;
  readonly transcript: Transcript = new Transcript();
  #connection: BgpConnection | undefined;

  constructor(options: Partial<PeerOptions> = {}) {
    const { clock } = this;
    this.speaker = new Speaker({
      asn: 65_001,
      routerId: OURS,
      clock,
      random: () => 1,
      transport: {
        dial: (_, result) => clock.setTimer(0, () => result.connected(this.#connect())),
        listen: () => Promise.reject(new Error("it only dials")),
      },
    });
    this.peer = this.speaker.peer({ address: THEIRS, asn: 65_002, ...options });
    clock.advance(0);
  }

  /** What the speaker has said, in words. */
  get heard(): readonly string[] {
    return this.transcript.sentBy(OURS);
  }

  /** Whether the speaker has left the connection as it is. */
  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Says octets, in as many pieces as there are. */
  say(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#connection?.onData?.(piece.slice());
  }

  /** Lets the turn end, so that what is pending leaves. */
  settle(): void {
    this.clock.advance(0);
  }

  #connect(): BgpConnection {
    const connection: BgpConnection = {
      ...{ localAddress: OURS, remoteAddress: THEIRS, remotePort: 179 },
      ...{ onData: undefined, onDrain: undefined, onClose: undefined },
      write: (bytes) => {
        this.transcript.record(this.clock.now(), connection, bytes);
        return true;
      },
      end: () => {},
      destroy: () => {
        this.#connection = undefined;
      },
    };
    this.#connection = connection;
    return connection;
  }
}

/** The OPEN of that peer, octet by octet. */
export function theirOpen(options: Partial<SessionOptions> = {}): Uint8Array {
  const speaker = { asn: 65_002, routerId: THEIRS };
  return encodeOpen(localOpen(resolveOptions({ asn: 65_001, ...options }, speaker), false));
}
