import { macFromBytes } from "./address.ts";
import { NdpDecodeError } from "./decode-error.ts";
import type { NdpPacket } from "./message.ts";
import { decodeNdp, frameLength, writeNdp } from "./packet.ts";
import type { NdpFrameSocket } from "./socket.ts";
import { type Invalidity, invalidity } from "./validity.ts";

/** What happened to frames on the interface, whatever their address. */
export interface FrameCounters {
  /** Received, valid, and nothing to act on. */
  readonly ignored: number;
  /** Received and not to be read. */
  readonly malformed: number;
  /** Received, and against a rule of RFC 4861. */
  readonly invalid: number;
  /** To be sent, and not taken by the socket. */
  readonly dropped: number;
}

/** Events of whoever receives NDP frames. */
export interface FrameEvents {
  /** A frame that could not be read; counted, and otherwise ignored. */
  malformed: [error: NdpDecodeError];
  /** A packet that must be discarded; counted, and otherwise ignored. */
  invalid: [reason: Invalidity];
}

/** A socket whose frames are packets: read, judged and counted. */
export class FramePort {
  readonly #socket: NdpFrameSocket;
  readonly #tell: FrameListeners;
  readonly #counters: Writable<FrameCounters> = {
    ignored: 0,
    malformed: 0,
    invalid: 0,
    dropped: 0,
  };

  /** What was sent last; written over, as V8 takes an array of more than 64 octets from the system. */
  #frame = new Uint8Array(0);

  constructor(socket: NdpFrameSocket, tell: FrameListeners) {
    this.#socket = socket;
    this.#tell = tell;
  }

  /** A copy. */
  get counters(): FrameCounters {
    return { ...this.#counters };
  }

  /** The interface's hardware address at this moment. */
  get mac(): number {
    return macFromBytes(this.#socket.mac);
  }

  /** The packet in a frame; undefined, counted and told when it may not be acted on. */
  read(frame: Uint8Array): NdpPacket | undefined {
    try {
      const packet = decodeNdp(frame);
      const reason = invalidity(packet, frame);
      if (reason === undefined) return packet;
      this.#counters.invalid += 1;
      this.#tell.invalid(reason);
    } catch (error) {
      if (!(error instanceof NdpDecodeError)) throw error;
      this.#counters.malformed += 1;
      this.#tell.malformed(error);
    }
    return undefined;
  }

  /** Counts a frame that is of no concern. */
  ignore(): void {
    this.#counters.ignored += 1;
  }

  /** False, and counted, when the socket did not take it. */
  send(packet: NdpPacket): boolean {
    const lengthBytes = frameLength(packet);
    if (this.#frame.length === lengthBytes) this.#frame.fill(0);
    else this.#frame = new Uint8Array(lengthBytes);
    const taken = this.#socket.send(writeNdp(packet, this.#frame));
    if (!taken) this.#counters.dropped += 1;
    return taken;
  }

  close(): void {
    this.#socket.onFrame = undefined;
    this.#socket.onUp = undefined;
    this.#socket.close();
  }
}

/** Whom a {@link FramePort} tells of its {@link FrameEvents}. */
export interface FrameListeners {
  malformed(error: NdpDecodeError): void;
  invalid(reason: Invalidity): void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
