/** What carries the NDP frames of one interface; whoever is given it owns it until `close`. */
export interface NdpFrameSocket {
  /** The interface's own hardware address, six octets; may change while the socket is open. */
  readonly mac: Uint8Array;
  /** False when the frame was dropped (interface down, queue full). Its octets are only lent. */
  send(frame: Uint8Array): boolean;
  /** Called with each received NDP frame (whole Ethernet frame); octets only lent for the call. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  /** Called when the interface came (back) up or its hardware address changed. */
  onUp: (() => void) | undefined;
  close(): void;
}

/** What a responder needs beside frames. */
export interface NdpSocket extends NdpFrameSocket {
  /**
   * Joins the solicited-node group of an address, so that solicitations for it arrive. Many addresses
   * share one: joins are counted. Returns what leaves.
   */
  join(target: string): () => void;
}

/** What a router needs beside frames. */
export interface NdpRouterSocket extends NdpFrameSocket {
  /** Joins a multicast group. Returns what leaves. */
  joinGroup(group: string): () => void;
}

/** Monotonic milliseconds, and a way to be woken. */
export interface Clock {
  now(): number;
  /** Returns what cancels it. */
  setTimer(delayMs: number, wake: () => void): () => void;
}
