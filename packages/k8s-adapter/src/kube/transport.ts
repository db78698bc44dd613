import * as http from "node:http";
import * as https from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Clock } from "../clock.ts";
import { KubeError, unreachable } from "./kube-error.ts";

/** What a request needs of TLS; `agent` only where a proxy carries it. */
export type TlsOptions = Pick<
  https.RequestOptions,
  "agent" | "ca" | "cert" | "key" | "rejectUnauthorized" | "servername"
>;

/** One request, and how much silence it bears. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  readonly body: string | undefined;
  /** How long nothing may come before the answer begins; waiting for a free connection is not counted. */
  readonly answerMs: number;
  /** How long nothing may come after it began. */
  readonly silenceMs: number;
  readonly signal: AbortSignal | undefined;
  /** A connection of its own, which ends with it. */
  readonly alone: boolean;
}

/** Status and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Called with the head of an answer; gives back what takes its octets, which are only lent. */
export type Answered = (head: AnswerHead) => (octets: Uint8Array) => void;

/** Carries requests over kept connections, at most 32 at a time; the others wait their turn. */
export class Transport {
  readonly #clock: Clock;
  readonly #http = new http.Agent(KEPT);
  readonly #https = new https.Agent(KEPT);
  /** Made once for all connections of the same credentials: it costs more than a request. */
  readonly #secureContexts = new WeakMap<TlsOptions, SecureContext>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when the answer is complete.
   *
   * @throws {KubeError} with status 0 when no complete answer came, and what `answered` and its taker
   *   throw, which ends the request.
   */
  async send(exchange: Exchange, answered: Answered): Promise<void> {
    const request = this.#open(exchange);
    const guard = new Guard(exchange, request, this.#clock, () => this.#dropIdle());
    let response: http.IncomingMessage | undefined;
    try {
      response = await answerOf(request);
      guard.limitMs = exchange.silenceMs;
      guard.heard();
      const take = answered({
        status: response.statusCode ?? 0,
        retryAfter: response.headers["retry-after"],
      });
      await readWhole(response, (octets) => {
        guard.heard();
        take(octets);
      });
    } catch (error) {
      request.destroy();
      if (guard.broken !== undefined) throw guard.broken;
      if (error instanceof KubeError) throw error;
      // A kept connection that was closed as it was used: the server has not read the request.
      const unread = response === undefined && request.reusedSocket && isReset(error);
      if (!unread || exchange.method === "POST") throw unreachable(operationOf(exchange), error);
    } finally {
      guard.end();
    }
    if (response === undefined) await this.send(exchange, answered);
  }

  /** Ends all requests under way but those on connections of their own, and all idle connections. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #open(exchange: Exchange): http.ClientRequest {
    const { url, tls, method, headers, body, alone } = exchange;
    const secure = url.protocol === "https:";
    const kept = secure ? this.#https : this.#http;
    const agent = tls.agent ?? (alone ? false : kept);
    const length = body === undefined ? {} : { "content-length": `${Buffer.byteLength(body)}` };
    const options = { ...tls, agent, method, headers: { ...headers, ...length } };
    const request = secure
      ? https.request(url, this.#secured(options, tls))
      : http.request(url, options);
    // A reset after the answer began is told by the answer; here it would be without a listener.
    request.on("error", () => {});
    request.end(body);
    return request;
  }

  // `ca`, `cert` and `key` stay beside it: connections are kept by them.
  #secured<T extends object>(options: T, tls: TlsOptions): T & { secureContext: SecureContext } {
    const secureContext = this.#secureContexts.get(tls) ?? createSecureContext(tls);
    this.#secureContexts.set(tls, secureContext);
    return { ...options, secureContext };
  }

  /** One connection fell silent: the idle ones beside it are likely dead too. */
  #dropIdle(): void {
    for (const { freeSockets } of [this.#http, this.#https]) {
      for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
    }
  }
}

// All that a burst has used are kept for the next: a handshake costs more than a request.
const KEPT: http.AgentOptions = {
  keepAlive: true,
  maxSockets: 32,
  maxFreeSockets: 32,
  timeout: 30_000,
};

const KEEP_ALIVE_MS = 15_000;

/** `GET https://10.0.0.1:6443/api/v1/nodes`, without the query. */
export function operationOf({ method, url }: Pick<Exchange, "method" | "url">): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** Both by hand: what Node has for it makes an iterator and a signal for every request. */
function answerOf(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
}

/** Resolves at the end of an answer; rejects when it is cut short, and with what `take` throws. */
function readWhole(
  response: http.IncomingMessage,
  take: (octets: Uint8Array) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    response.on("data", (octets: Uint8Array) => {
      try {
        take(octets);
      } catch (error) {
        response.destroy();
        reject(error);
      }
    });
    response.once("end", resolve);
    response.once("error", reject);
    response.once("close", () => reject(new Error("the answer was cut short")));
  });
}

/** Breaks a request off when it was silent for too long, or its signal says so. */
class Guard {
  readonly #request: http.ClientRequest;
  readonly #clock: Clock;
  readonly #operation: string;
  readonly #signal: AbortSignal | undefined;
  readonly #silent: () => void;
  #cancelTimer: () => void = () => {};
  /** Why the request was broken off. */
  broken: KubeError | undefined;
  limitMs: number;

  constructor(exchange: Exchange, request: http.ClientRequest, clock: Clock, silent: () => void) {
    this.#request = request;
    this.#clock = clock;
    this.#operation = operationOf(exchange);
    this.#signal = exchange.signal;
    this.#silent = silent;
    this.limitMs = exchange.answerMs;
    request.on("socket", (socket) => {
      if (!request.reusedSocket) socket.setKeepAlive(true, KEEP_ALIVE_MS);
      this.heard();
    });
    this.#signal?.addEventListener("abort", this.#abort);
    if (this.#signal?.aborted) this.#abort();
  }

  heard(): void {
    if (this.broken !== undefined) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimer(this.limitMs, () => {
      this.#silent();
      this.#break(`nothing was heard for ${this.limitMs / 1_000} s`, "Timeout");
    });
  }

  end(): void {
    this.#cancelTimer();
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.#break("given up", "Aborted");

  #break(why: string, reason: string): void {
    this.broken ??= new KubeError(`${this.#operation}: ${why}`, { status: 0, reason });
    this.#cancelTimer();
    this.#request.destroy(this.broken);
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}
