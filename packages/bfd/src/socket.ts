/** Where control packets are received; one receiver serves every session of its local address. */
export interface BfdReceiverOptions {
  /** Canonical text; receives only what is sent to it. */
  readonly localAddress: string;
  /** Interface to bind to; also the scope of a link-local address. */
  readonly device?: string;
  /** One of {@link BfdPort}: `singleHop` or `multiHop`. */
  readonly port: number;
  /**
   * The least time to live (hop limit) to let through, 1 to 255: 255 is one hop. What has less must
   * not reach `onPacket`, unless `ttl` is given there.
   *
   * @see RFC 5881 section 5, RFC 5082
   */
  readonly minTtl: number;
}

/** Where one session's control packets go. The source port is the socket's to choose. */
export interface BfdSenderOptions {
  /** Canonical text; the source of what is sent. */
  readonly localAddress: string;
  /** Canonical text, without a zone. */
  readonly remoteAddress: string;
  /** Interface to send through; also the scope of a link-local address. */
  readonly device?: string;
  /** As {@link BfdReceiverOptions.port}: the destination port. */
  readonly port: number;
}

/** Where a packet came from. */
export interface BfdSource {
  /** Canonical text, without a zone; an IPv4-mapped address is given as IPv4. */
  readonly address: string;
  /** Its time to live (hop limit), if the socket can tell; checked once more then. */
  readonly ttl?: number;
}

/** Receives control packets; the speaker owns it from opening to `close`. */
export interface BfdReceiver {
  /** Called with each UDP payload; octets only lent for the call. */
  onPacket: ((bytes: Uint8Array, from: BfdSource) => void) | undefined;
  close(): void;
}

/**
 * Sends one session's control packets; the speaker owns it from opening to `close`.
 *
 * Packets leave with TTL 255 from one source port of 49152 to 65535, which no other session of this
 * host uses and which stays the same as long as the sender is open.
 *
 * @see RFC 5881 section 4
 */
export interface BfdSender {
  /** Octets only lent for the call. False when the packet was dropped. */
  send(bytes: Uint8Array): boolean;
  close(): void;
}

/** Where one session's echo packets go: to the neighbour's link address, and back to ours. */
export interface BfdEchoOptions {
  /** IPv4 address in canonical text. */
  readonly localAddress: string;
  /** IPv4 address in canonical text. */
  readonly remoteAddress: string;
  readonly device?: string;
}

/**
 * What is to become of an echo packet that came from the neighbour: it is one of `ours` that came
 * back, it is to be sent back (`return`), or it is to be dropped (`ignore`).
 */
export type EchoVerdict = "ours" | "return" | "ignore";

/**
 * Sends echo packets over one link and gets them back; the speaker owns it from opening to `close`.
 *
 * @see RFC 5881 section 4
 */
export interface BfdEchoSocket {
  /**
   * Sends a UDP payload to {@link BfdPort.echo} in a packet that the neighbour forwards back to us.
   * Octets only lent for the call. False when the packet was dropped.
   */
  send(payload: Uint8Array): boolean;
  /** Called with each payload that arrives on the echo port from this neighbour; octets only lent. */
  onEcho: ((payload: Uint8Array) => EchoVerdict) | undefined;
  close(): void;
}

/** Opens what a speaker needs; each call may throw when the system refuses. */
export interface BfdSockets {
  openReceiver(options: BfdReceiverOptions): BfdReceiver;
  openSender(options: BfdSenderOptions): BfdSender;
  /** Left out when echo packets cannot be sent here; sessions with echo are refused then. */
  openEcho?(options: BfdEchoOptions): BfdEchoSocket;
}

/** Monotonic milliseconds, and a way to be woken. */
export interface Clock {
  now(): number;
  /** Returns what cancels it. */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/** The UDP ports of BFD. @see RFC 5881 section 4, RFC 5883 section 5 */
export const BfdPort = { singleHop: 3784, echo: 3785, multiHop: 4784 } as const;
