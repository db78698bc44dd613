/** What carries the frames of one interface; the responder owns it from construction to `close`. */
export interface ArpSocket {
  /** The interface's own hardware address, six octets; may change while the socket is open. */
  readonly mac: Uint8Array;
  /** False when the frame was dropped (interface down, queue full). Its octets are only lent. */
  send(frame: Uint8Array): boolean;
  /**
   * Called with each received ARP frame (whole Ethernet frame); octets only lent for the call. Who
   * leaves out replies hides most conflicts, and the answers to probes.
   */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  /** Called when the interface came (back) up or its hardware address changed. */
  onUp: (() => void) | undefined;
  close(): void;
}

/** Monotonic milliseconds, and a way to be woken. */
export interface Clock {
  now(): number;
  /** Returns what cancels it. */
  setTimer(delayMs: number, wake: () => void): () => void;
}
