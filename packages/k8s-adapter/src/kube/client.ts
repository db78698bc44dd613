import type { Clock } from "../clock.ts";
import type { Cluster } from "./config.ts";
import type { Credentials } from "./credentials.ts";
import { parseJson } from "./json.ts";
import { KubeError, malformed, refusal } from "./kube-error.ts";
import { type Answered, type Exchange, operationOf, Transport } from "./transport.ts";

/** Settings of a {@link KubeClient}. */
export interface KubeClientOptions {
  /** How long an answer may be silent; default 30,000. */
  readonly timeoutMs?: number;
  /** The most that an answer may have; default 64 MiB. Streams have no such limit. */
  readonly longestBytes?: number;
  /** Default `ingot`. */
  readonly userAgent?: string;
}

/** One question to the API server. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/api` or `/apis` on, already escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; of a PATCH it is a merge patch. */
  readonly body?: object;
  /** How long nothing may be heard; default that of the client. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Only that it was accepted counts: what is answered is not read. */
  readonly isAnswerIgnored?: boolean;
}

/** A GET whose answer goes on until one side ends it. */
export interface KubeStream {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** How long nothing may be heard once it is open. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** The server accepted it. */
  readonly opened: () => void;
  /** Takes octets, which are only lent; what it throws ends the stream. */
  readonly data: (octets: Uint8Array) => void;
}

/** Talks to one API server: authentication, time limits, and errors in words. */
export class KubeClient {
  /** Of the API server. */
  readonly url: string;
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #options: Required<KubeClientOptions>;
  readonly #transport: Transport;
  #credentials: { readonly value: Promise<Credentials>; readonly until: number } | undefined;

  constructor(cluster: Cluster, clock: Clock, options: KubeClientOptions = {}) {
    this.url = cluster.url;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#options = {
      timeoutMs: 30_000,
      longestBytes: 64 * 1024 * 1024,
      userAgent: "ingot",
      ...options,
    };
    this.#transport = new Transport(clock);
  }

  /**
   * The decoded answer; undefined when it is empty or ignored. A 429 that names a time of up to 5 s is waited
   * out twice, unless the request is a POST; every other retry is the caller's.
   *
   * @throws {KubeError}
   */
  async request(request: KubeRequest): Promise<unknown> {
    for (let retriesLeft = 2; ; retriesLeft -= 1) {
      try {
        return await this.#ask(request);
      } catch (error) {
        if (retriesLeft === 0 || !(error instanceof KubeError) || error.status !== 429) throw error;
        const { retryAfterMs } = error;
        if (retryAfterMs === 0 || retryAfterMs > 5_000 || request.method === "POST") throw error;
        await new Promise<void>((resolve) => this.#clock.setTimer(retryAfterMs, resolve));
      }
    }
  }

  /** @throws {KubeError} */
  get(path: string, options: Pick<KubeRequest, "query" | "signal"> = {}): Promise<unknown> {
    return this.request({ ...options, method: "GET", path });
  }

  /** @throws {KubeError} */
  post(path: string, body: object, options: Pick<KubeRequest, "timeoutMs"> = {}): Promise<unknown> {
    return this.request({ ...options, method: "POST", path, body });
  }

  /** @throws {KubeError} */
  put(path: string, body: object, options: Pick<KubeRequest, "timeoutMs"> = {}): Promise<unknown> {
    return this.request({ ...options, method: "PUT", path, body });
  }

  /** A merge patch. @throws {KubeError} */
  patch(
    path: string,
    body: object,
    options: Pick<KubeRequest, "timeoutMs"> = {},
  ): Promise<unknown> {
    return this.request({ ...options, method: "PATCH", path, body });
  }

  /** Resolves when the server ends the stream in order. @throws {KubeError} */
  async stream(stream: KubeStream): Promise<void> {
    const { path, query, signal, silenceMs, opened, data } = stream;
    await this.#exchange({ method: "GET", path, query, signal }, { silenceMs, alone: true }, () => {
      opened();
      return data;
    });
  }

  /** Closes the connections; what waits for an answer is rejected. Streams end by their signal. */
  close(): void {
    this.#transport.close();
  }

  async #ask(request: KubeRequest): Promise<unknown> {
    const silenceMs = request.timeoutMs ?? this.#options.timeoutMs;
    if (request.isAnswerIgnored === true) {
      await this.#exchange(request, { silenceMs, alone: false }, () => () => {});
      return undefined;
    }
    const body = new Collected(this.#options.longestBytes);
    await this.#exchange(request, { silenceMs, alone: false }, () => (octets) => body.add(octets));
    const text = body.text();
    if (text === "") return undefined;
    const value = parseJson(text);
    if (value === undefined) throw malformed(`the answer to ${request.method} is not JSON`);
    return value;
  }

  /** Sends with the credentials at hand, and if they are refused once more with fresh ones. */
  async #exchange(
    request: KubeRequest,
    manner: Pick<Exchange, "silenceMs" | "alone">,
    accepted: () => (octets: Uint8Array) => void,
  ): Promise<void> {
    const credentials = this.#currentCredentials();
    try {
      await this.#send(request, manner, await credentials, accepted);
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 401) throw error;
      if (this.#credentials?.value === credentials) {
        this.#credentials = undefined;
        await this.#cluster.reload();
      }
      await this.#send(request, manner, await this.#currentCredentials(), accepted);
    }
  }

  async #send(
    request: KubeRequest,
    manner: Pick<Exchange, "silenceMs" | "alone">,
    credentials: Credentials,
    accepted: () => (octets: Uint8Array) => void,
  ): Promise<void> {
    const { method, path, query, body, signal } = request;
    const url = new URL(`${this.url}${path}`);
    url.search = new URLSearchParams(query).toString();
    const exchange: Exchange = {
      ...manner,
      method,
      url,
      headers: {
        accept: "application/json",
        "user-agent": this.#options.userAgent,
        ...(body === undefined ? {} : { "content-type": CONTENT_TYPES[method] ?? JSON_TYPE }),
        ...credentials.headers,
      },
      tls: credentials.tls,
      body: body === undefined ? undefined : JSON.stringify(body),
      answerMs: request.timeoutMs ?? this.#options.timeoutMs,
      signal,
    };
    let refused: { status: number; retryAfter: string | undefined } | undefined;
    const said = new Collected(REFUSAL_BYTES);
    const answered: Answered = (head) => {
      if (head.status >= 200 && head.status < 300) return accepted();
      refused = head;
      return (octets) => said.add(octets);
    };
    await this.#transport.send(exchange, answered);
    if (refused === undefined) return;
    throw refusal(operationOf(exchange), refused.status, said.text(), refused.retryAfter);
  }

  /** Reused for a moment, so that a burst of requests does not run a credential plugin each. */
  #currentCredentials(): Promise<Credentials> {
    const now = this.#clock.now();
    if (this.#credentials === undefined || now >= this.#credentials.until) {
      const value = this.#cluster.credentials();
      this.#credentials = { value, until: now + CREDENTIALS_MS };
      value.catch(() => {
        if (this.#credentials?.value === value) this.#credentials = undefined;
      });
    }
    return this.#credentials.value;
  }
}

const JSON_TYPE = "application/json";
const CONTENT_TYPES: Readonly<Record<string, string>> = { PATCH: "application/merge-patch+json" };
const REFUSAL_BYTES = 1024 * 1024;
const CREDENTIALS_MS = 10_000;

/** An answer, as far as it has come. */
class Collected {
  readonly #longestBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(longestBytes: number) {
    this.#longestBytes = longestBytes;
  }

  /** @throws {KubeError} `Malformed` when it becomes too long. */
  add(octets: Uint8Array): void {
    this.#bytes += octets.length;
    if (this.#bytes > this.#longestBytes) {
      throw malformed(`an answer of more than ${this.#longestBytes} octets`);
    }
    this.#pieces.push(octets);
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString("utf8");
  }
}
