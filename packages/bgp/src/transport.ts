/** One TCP connection; the session owns it from the moment it is handed over until `destroy`. */
export interface BgpConnection {
  /** Canonical text, without a zone; an IPv4-mapped address is given as IPv4. */
  readonly localAddress: string;
  /** As `localAddress`. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Called with what arrived; octets only lent for the call. */
  onData: ((bytes: Uint8Array) => void) | undefined;
  /** Called when the queue has emptied after `write` returned false. */
  onDrain: (() => void) | undefined;
  /** Called once, when the connection is gone for whatever reason; never after `destroy`. */
  onClose: ((reason: string) => void) | undefined;
  /**
   * Has what comes with a lower time to live dropped from now on; not there where the system cannot.
   *
   * @throws {Error} when the system refuses.
   */
  setMinTtl?(minTtl: number): void;
  /** Queues octets, which must not change afterwards. False: full, wait for `onDrain`. */
  write(bytes: Uint8Array): boolean;
  /** Closes our direction once all that was written has left, so that a NOTIFICATION is read. */
  end(): void;
  /** Drops the connection at once, and what was not sent with it. */
  destroy(): void;
}

/** What the socket must do besides TCP. A transport refuses what it cannot do: it never ignores it. */
export interface SocketOptions {
  /** Address to bind to; canonical text. */
  readonly localAddress?: string;
  /** Interface to bind to; also the scope of a link-local address. */
  readonly device?: string;
  /** TCP MD5 key, at most 80 octets. @see RFC 2385 */
  readonly password?: string;
  /** Time to live (hop limit) of what is sent, 1–255. */
  readonly ttl?: number;
  /** The least that is accepted, 1–255: GTSM wants 255. @see RFC 5082 */
  readonly minTtl?: number;
  /** Differentiated services code point, 0–63; a transport's default is 48 (CS6). */
  readonly dscp?: number;
}

/** Whom to connect to. */
export interface DialTarget extends SocketOptions {
  /** Canonical text. */
  readonly address: string;
  readonly port: number;
}

/** How a dial ended; exactly one of the two is called, and none after it was cancelled. */
export interface DialResult {
  connected(connection: BgpConnection): void;
  failed(reason: string): void;
}

/** Where to listen. */
export interface ListenOptions extends SocketOptions {
  readonly localAddress: string;
  readonly port: number;
}

/** A listening socket. */
export interface BgpListener {
  readonly port: number;
  /**
   * Sets the MD5 key for peers within `address`/`prefixLength`, also while listening; `undefined`
   * takes it away. @throws {Error} where the system cannot.
   */
  setKey(address: string, prefixLength: number, password: string | undefined): void;
  close(): void;
}

/** TCP as the speaker needs it. */
export interface BgpTransport {
  /** Starts to connect; returns what cancels it. A wrong option is thrown at once. */
  dial(target: DialTarget, result: DialResult): () => void;
  /** Resolves when it listens; rejects with the reason (address in use, no permission). */
  listen(options: ListenOptions, accept: (connection: BgpConnection) => void): Promise<BgpListener>;
}

/** Monotonic milliseconds, and a way to be woken. */
export interface Clock {
  now(): number;
  /** Returns what cancels it. */
  setTimer(delayMs: number, wake: () => void): () => void;
}
