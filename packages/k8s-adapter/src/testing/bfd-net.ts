import { type BfdReceiver, BfdSpeaker } from "@ingot/bfd";
import type { VirtualClock } from "@ingot/testkit";
import type { BfdTiming } from "../domain.ts";

/** What a BFDProfile that says nothing comes to. */
export function bfdTiming(changes: Partial<BfdTiming> = {}): BfdTiming {
  return {
    receiveIntervalMs: 300,
    transmitIntervalMs: 300,
    detectMultiplier: 3,
    echoIntervalMs: 50,
    echo: false,
    passive: false,
    minTtl: 254,
    ...changes,
  };
}

/** Hosts that speak BFD to each other without a delay, in virtual time. */
export class BfdNet {
  readonly #clock: VirtualClock;
  readonly #receivers = new Map<string, BfdReceiver>();
  /** Addresses that nothing can be bound to. */
  readonly missing = new Set<string>();
  /** Addresses from which nothing leaves. */
  readonly silent = new Set<string>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Another host, whose addresses are those of its sessions. */
  speaker(): BfdSpeaker {
    return new BfdSpeaker(
      {
        openReceiver: ({ localAddress, port }) => {
          if (this.missing.has(localAddress)) throw new Error("address not available");
          const key = `${localAddress} ${port}`;
          const receiver: BfdReceiver = {
            onPacket: undefined,
            close: () => this.#receivers.delete(key),
          };
          this.#receivers.set(key, receiver);
          return receiver;
        },
        openSender: ({ localAddress, remoteAddress, port }) => ({
          send: (bytes) => {
            if (this.silent.has(localAddress)) return true;
            const copy = Uint8Array.from(bytes);
            this.#clock.setTimer(0, () => {
              this.#receivers.get(`${remoteAddress} ${port}`)?.onPacket?.(copy, {
                address: localAddress,
              });
            });
            return true;
          },
          close: () => {},
        }),
        openEcho: () => ({ send: () => true, onEcho: undefined, close: () => {} }),
      },
      this.#clock,
      { random: () => 0.5 },
    );
  }
}
