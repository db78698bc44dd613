import type { Clock } from "../clock.ts";
import { textOf } from "../error-text.ts";
import type { KubeRequest, KubeStream } from "./client.ts";
import { KubeError } from "./kube-error.ts";
import { LineSplitter } from "./line-splitter.ts";
import { decodeListPage, decodeWatchEvent, type KubeObject } from "./objects.ts";
import {
  type ReflectorEvent,
  type ReflectorInput,
  ReflectorMachine,
  type ReflectorOutput,
} from "./reflector-machine.ts";

/** What a {@link Reflector} asks of the API server; `KubeClient` does it. */
export interface ReflectorApi {
  get(path: string, options: Pick<KubeRequest, "query" | "signal">): Promise<unknown>;
  stream(stream: KubeStream): Promise<void>;
}

/** What a {@link Reflector} follows. */
export interface ReflectorOptions<T> {
  readonly api: ReflectorApi;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Of the list, such as `/api/v1/services`. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What is kept of an object; undefined when it is of no interest. Must not throw. */
  readonly project: (object: KubeObject) => T | undefined;
  /** Called from the event loop, never from within `start`. Must not throw. */
  readonly listen: (event: ReflectorEvent<T>) => void;
  /** How long a watch may be silent; default 100,000, as bookmarks come once a minute. */
  readonly silenceMs?: number;
}

/** Follows one kind of object over one connection, from `start` to `close`. */
export class Reflector<T> {
  readonly #options: Required<ReflectorOptions<T>>;
  readonly #machine: ReflectorMachine<T>;
  readonly #inputs: ReflectorInput[] = [];
  #draining = false;
  #closed = false;
  /** Ends the request under way; what still comes of it is ignored. */
  #current: AbortController = new AbortController();
  #underWay: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  readonly #refreshing: (() => void)[] = [];

  constructor(options: ReflectorOptions<T>) {
    this.#options = { silenceMs: 100_000, labelSelector: "", fieldSelector: "", ...options };
    this.#machine = new ReflectorMachine(options);
  }

  start(): void {
    this.#handle({ type: "start" });
  }

  /**
   * Resolves when everything is told that was there when it was called, however late the watch is;
   * when it is closed, too.
   */
  refresh(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) resolve();
      else this.#refreshing.push(resolve);
      this.#handle({ type: "refresh" });
    });
  }

  /** Resolves when its request has ended; nothing is told from the call on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#inputs.length = 0;
    this.#cancelTimer();
    this.#current.abort();
    await this.#underWay;
    this.#refreshed();
  }

  /** Inputs queue up, so that a listener that calls back in does not re-enter the machine. */
  #handle(input: ReflectorInput): void {
    if (this.#closed) return;
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const output of this.#machine.handle(next, this.#options.clock.now())) {
          if (!this.#closed) this.#perform(output);
        }
      }
    } finally {
      this.#draining = false;
    }
    this.#cancelTimer();
    const { clock } = this.#options;
    const delayMs = this.#machine.deadline - clock.now();
    if (this.#closed || delayMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = clock.setTimer(Math.max(0, delayMs), () => this.#handle({ type: "tick" }));
  }

  #perform(output: ReflectorOutput<T>): void {
    switch (output.type) {
      case "list":
        this.#begin((signal) => this.#list(output.next, output.limit, signal));
        return;
      case "watch":
        this.#begin((signal) => this.#watch(output.resourceVersion, output.timeoutSeconds, signal));
        return;
      case "stop":
        this.#current.abort();
        return;
      case "refreshed":
        this.#refreshed();
        return;
      case "tell":
        this.#tell(output.event);
    }
  }

  #refreshed(): void {
    for (const resolve of this.#refreshing.splice(0)) resolve();
  }

  /** A listener that throws is a fault of the program, and has to show as one. */
  #tell(event: ReflectorEvent<T>): void {
    try {
      this.#options.listen(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Carries a request out, and hands in what becomes of it unless it was given up meanwhile. */
  #begin(request: (signal: AbortSignal) => Promise<ReflectorInput>): void {
    const controller = new AbortController();
    this.#current = controller;
    this.#underWay = request(controller.signal)
      .catch((error: unknown): ReflectorInput => ({ type: "failed", error: asKubeError(error) }))
      .then((input) => {
        if (!controller.signal.aborted) this.#handle(input);
      });
  }

  async #list(next: string, limit: number, signal: AbortSignal): Promise<ReflectorInput> {
    const query = {
      ...this.#selected(),
      ...(limit === 0 ? {} : { limit: `${limit}` }),
      ...(next === "" ? {} : { continue: next }),
    };
    const body = await this.#options.api.get(this.#options.path, { query, signal });
    return { type: "page", page: decodeListPage(body) };
  }

  async #watch(
    resourceVersion: string | undefined,
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<ReflectorInput> {
    const from: Record<string, string> =
      resourceVersion === undefined
        ? { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" }
        : { resourceVersion };
    const lines = new LineSplitter();
    await this.#options.api.stream({
      path: this.#options.path,
      query: {
        ...this.#selected(),
        ...from,
        watch: "1",
        allowWatchBookmarks: "true",
        timeoutSeconds: `${timeoutSeconds}`,
      },
      silenceMs: this.#options.silenceMs,
      signal,
      opened: () => {
        if (!signal.aborted) this.#handle({ type: "opened" });
      },
      data: (octets) => {
        for (const line of lines.push(octets)) {
          if (signal.aborted) return;
          this.#handle({ type: "event", event: decodeWatchEvent(line) });
        }
      },
    });
    return { type: "ended" };
  }

  #selected(): Record<string, string> {
    const { labelSelector, fieldSelector } = this.#options;
    return {
      ...(labelSelector === "" ? {} : { labelSelector }),
      ...(fieldSelector === "" ? {} : { fieldSelector }),
    };
  }
}

function asKubeError(error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  return new KubeError(textOf(error), { status: 0, reason: "Unknown", cause: error });
}
