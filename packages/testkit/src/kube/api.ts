import { Agent, request } from "node:https";
import { LineSplitter } from "../lab/lines.ts";
import { parseMetrics, type Sample } from "./metrics.ts";

/** An object of the API, as far as the testkit reads it. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** How to reach the API server, and as whom. */
export interface ApiOptions {
  /**
   * The server's address, or a Unix socket that leads to it from outside of the network namespace that
   * it listens in.
   */
  readonly server:
    | { readonly host: string; readonly port: number }
    | { readonly socketPath: string };
  /** The server's certificate, as PEM. */
  readonly certificateAuthority: string;
  readonly token: string;
}

/** An answer of the API server that is not 2xx. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status. */
  readonly code: number;
  /** As the server's Status object has it, for instance `NotFound` or `Forbidden`. */
  readonly reason: string;

  constructor(call: string, code: number, body: string) {
    const { reason = "", message = body } = statusOf(body);
    super(`${call}: ${code} ${reason}: ${message.trim()}`);
    this.code = code;
    this.reason = reason;
  }
}

/**
 * A small client of the Kubernetes API for what tests do all the time: it speaks JSON, takes paths
 * as they are, keeps its connections, and has no cache. While the server says that a kind is not
 * ready to be served yet (429), it tries again for up to ten seconds.
 */
export class Api {
  readonly #options: ApiOptions;
  readonly #agent: Agent;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 32 });
  }

  /** @throws {ApiError} when the server refuses; so do all calls below. */
  get<T = KubeObject>(path: string): Promise<T> {
    return this.#json<T>("GET", path);
  }

  /** The items of a list, of one namespace or of all as the path says. */
  async list<T = KubeObject>(path: string): Promise<readonly T[]> {
    return (await this.get<{ readonly items: readonly T[] }>(path)).items;
  }

  create<T = KubeObject>(path: string, object: object): Promise<T> {
    return this.#json<T>("POST", path, "application/json", object);
  }

  /** Replaces the object at `path`. */
  replace<T = KubeObject>(path: string, object: object): Promise<T> {
    return this.#json<T>("PUT", path, "application/json", object);
  }

  /** A JSON merge patch; for a status, `path` ends in `/status`. */
  patch<T = KubeObject>(path: string, patch: object): Promise<T> {
    return this.#json<T>("PATCH", path, "application/merge-patch+json", patch);
  }

  /** Creates the object at `path`, or makes it as given where it is there already. */
  apply<T = KubeObject>(path: string, object: object): Promise<T> {
    const forced = `${path}?fieldManager=testkit&force=true`;
    return this.#json<T>("PATCH", forced, "application/apply-patch+yaml", object);
  }

  async delete(path: string): Promise<void> {
    await this.text("DELETE", path);
  }

  /** What the server counts about itself; `apiserver_request_total` has each request it answered. */
  async metrics(): Promise<readonly Sample[]> {
    return parseMetrics(await this.text("GET", "/metrics"));
  }

  /** Any request, and the body of its answer as it came. */
  async text(method: string, path: string, contentType?: string, body?: string): Promise<string> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.#send(method, path, contentType, body);
      if (answer.code >= 200 && answer.code < 300) return answer.body;
      if (answer.code !== 429 || performance.now() > end) {
        throw new ApiError(`${method} ${path}`, answer.code, answer.body);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /**
   * Calls with each change of a list from now on, until the returned function is called or the server
   * ends it; `ended` is called then.
   *
   * @throws {Error} when the server does not let it be watched.
   */
  watch<T = KubeObject>(
    path: string,
    listen: (event: WatchEvent<T>) => void,
    ended: () => void = () => {},
  ): Promise<() => void> {
    const mark = path.includes("?") ? "&" : "?";
    const watched = `${path}${mark}watch=1&allowWatchBookmarks=false`;
    return new Promise((resolve, reject) => {
      const call = request({ ...this.#target(), method: "GET", path: watched });
      call.on("error", reject);
      call.on("response", (response) => {
        const { statusCode: code = 0 } = response;
        if (code !== 200) {
          call.destroy(new Error(`GET ${watched}: ${code}`));
          return;
        }
        const lines = new LineSplitter((line) => listen(JSON.parse(line) as WatchEvent<T>));
        response.on("data", (chunk: Buffer) => lines.push(chunk));
        response.on("error", () => {});
        response.on("close", ended);
        resolve(() => call.destroy());
      });
      call.end();
    });
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent.destroy();
  }

  async #json<T>(method: string, path: string, contentType?: string, body?: object): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return JSON.parse(await this.text(method, path, contentType, text)) as T;
  }

  #target() {
    const { server, certificateAuthority, token } = this.#options;
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json, text/plain;q=0.9",
    };
    const name = { servername: SERVER_NAME, host: SERVER_NAME };
    return { ca: certificateAuthority, ...name, ...server, headers };
  }

  #send(method: string, path: string, contentType?: string, body?: string): Promise<Answer> {
    const target = this.#target();
    const headers = {
      ...target.headers,
      ...(contentType === undefined ? {} : { "content-type": contentType }),
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const agent = this.#agent;
      const call = request({ ...target, agent, method, path, headers, timeout: TIMEOUT_MS });
      call.on("timeout", () => {
        call.destroy(new Error(`${method} ${path}: no answer after ${TIMEOUT_MS} ms`));
      });
      call.on("error", reject);
      call.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode: code = 0 } = response;
          resolve({ code, body: Buffer.concat(chunks).toString("utf8") });
        });
      });
      call.end(body);
    });
  }
}

/** One line of a watch. */
export interface WatchEvent<T = KubeObject> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "ERROR";
  readonly object: T;
}

interface Answer {
  readonly code: number;
  readonly body: string;
}

/** A name in the certificate that the server makes for itself. */
const SERVER_NAME = "kubernetes.default.svc";
const TIMEOUT_MS = 10_000;
const PATIENCE_MS = 10_000;
const RETRY_MS = 100;

function statusOf(body: string): { readonly reason?: string; readonly message?: string } {
  try {
    const status: unknown = JSON.parse(body);
    return typeof status === "object" && status !== null ? status : {};
  } catch {
    return {};
  }
}
