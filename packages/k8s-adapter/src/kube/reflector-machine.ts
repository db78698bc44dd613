import { Backoff } from "./backoff.ts";
import type { KubeError } from "./kube-error.ts";
import { Ledger } from "./ledger.ts";
import { type KubeObject, keyOf, type ListPage, type WatchEvent } from "./objects.ts";

// One kind of object, followed for ever.
//
//            | page                    | event                      | ended           | failed            | tick
//  idle      | -                       | -                          | -               | -                 | -
//  listing   | told; next page, watch  | -                          | -               | list, or wait     | -
//  streaming | -                       | told; its end: watching    | list, or wait   | list, or wait     | -
//  watching  | -                       | told; ERROR as failed      | watch, or wait  | stream, or wait   | -
//  waiting   | -                       | -                          | -               | -                 | watch, stream, list
//
// `opened` counts in streaming and watching. A watch that ended in order after a while is followed by
// the next at once, and so is the first one that asked for changes which the server no longer has
// (410); everything else is followed by a wait. Whoever still has a position resumes from it; who
// has none asks for everything: as a stream until a server refuses that, then as a list. `refresh`
// takes the position away, and what is under way with it.

/** What is told of a kind. */
export type ReflectorEvent<T> =
  | { readonly type: "put"; readonly key: string; readonly value: T }
  | { readonly type: "delete"; readonly key: string }
  /** All that existed at the start is told; once. */
  | { readonly type: "synced" }
  | { readonly type: "connected" }
  /** Told again when the error is another one. */
  | { readonly type: "disconnected"; readonly error: KubeError };

/** What happens to a {@link ReflectorMachine}. */
export type ReflectorInput =
  | { readonly type: "start" }
  | { readonly type: "page"; readonly page: ListPage }
  /** The server accepted the watch. */
  | { readonly type: "opened" }
  | { readonly type: "event"; readonly event: WatchEvent }
  | { readonly type: "ended" }
  | { readonly type: "failed"; readonly error: KubeError }
  /** Ask for everything once more, as it is from now on. */
  | { readonly type: "refresh" }
  | { readonly type: "tick" };

/** What a {@link ReflectorMachine} wants done. */
export type ReflectorOutput<T> =
  /** Ask for a page: the first when `next` is empty; the whole list when `limit` is 0. */
  | { readonly type: "list"; readonly next: string; readonly limit: number }
  /** Watch from a version; without one, stream all that exists first. */
  | {
      readonly type: "watch";
      readonly resourceVersion: string | undefined;
      readonly timeoutSeconds: number;
    }
  /** Give up the request under way. */
  | { readonly type: "stop" }
  /** All that existed when a refresh was asked for last is told. */
  | { readonly type: "refreshed" }
  | { readonly type: "tell"; readonly event: ReflectorEvent<T> };

/** Settings of a {@link ReflectorMachine}. */
export interface ReflectorMachineOptions<T> {
  /** What is kept of an object; undefined when it is of no interest. Must not throw. */
  readonly project: (object: KubeObject) => T | undefined;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * Decides when to list and when to watch, and tells what changed: no change twice, none left out,
 * and after a new list the differences alone. Never throws.
 */
export class ReflectorMachine<T> {
  readonly #options: ReflectorMachineOptions<T>;
  readonly #ledger = new Ledger();
  readonly #backoff: Backoff;
  #state: "idle" | "listing" | "streaming" | "watching" | "waiting" = "idle";
  #deadline = Number.POSITIVE_INFINITY;
  /** The version up to which everything is told; undefined when a list is due. */
  #position: string | undefined;
  /** Of the watch under way, as is whether anything came of it. */
  #openedAt: number | undefined;
  #heard = false;
  #canStream = true;
  #canPage = true;
  /** Listed again without a wait, and not settled since. */
  #hurried = false;
  #synced = false;
  #refreshing = false;
  /** Undefined: nothing told yet; empty: connected. */
  #trouble: string | undefined;

  constructor(options: ReflectorMachineOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  /** When to tick next, on the clock of `now`; infinite unless waiting. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: ReflectorInput, now: number): readonly ReflectorOutput<T>[] {
    switch (input.type) {
      case "start":
        return this.#state === "idle" ? this.#begin() : [];
      case "page":
        return this.#state === "listing" ? this.#page(input.page) : [];
      case "opened":
        return this.#isOpen() ? this.#opened(now) : [];
      case "event":
        return this.#isOpen() ? this.#event(input.event, now) : [];
      case "ended":
        return this.#isOpen() ? this.#ended(now) : [];
      case "failed":
        return this.#isOpen() || this.#state === "listing" ? this.#failed(input.error, now) : [];
      case "refresh":
        return this.#refresh();
      case "tick":
        return now >= this.#deadline ? this.#begin() : [];
    }
  }

  #refresh(): readonly ReflectorOutput<T>[] {
    this.#refreshing = true;
    this.#position = undefined;
    // Who has not begun begins with everything anyway.
    if (this.#state === "idle") return [];
    if (this.#state === "waiting") return this.#begin();
    return [{ type: "stop" }, ...this.#begin()];
  }

  #isOpen(): boolean {
    return this.#state === "streaming" || this.#state === "watching";
  }

  #begin(): readonly ReflectorOutput<T>[] {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#openedAt = undefined;
    this.#heard = false;
    if (this.#position !== undefined) {
      this.#state = "watching";
      return [this.#watch()];
    }
    this.#ledger.beginList();
    if (this.#canStream) {
      this.#state = "streaming";
      return [this.#watch()];
    }
    this.#state = "listing";
    return [this.#list("")];
  }

  #watch(): ReflectorOutput<T> {
    const timeoutSeconds = 300 + Math.floor(this.#options.random() * 300);
    return { type: "watch", resourceVersion: this.#position, timeoutSeconds };
  }

  #list(next: string): ReflectorOutput<T> {
    return { type: "list", next, limit: this.#canPage ? PAGE_OBJECTS : 0 };
  }

  #page(page: ListPage): readonly ReflectorOutput<T>[] {
    const outputs = page.objects.flatMap((object) => this.#put(object));
    if (page.next !== "") return [...outputs, this.#list(page.next)];
    return [...outputs, ...this.#complete(page.resourceVersion), ...this.#begin()];
  }

  /** Everything is told up to this version. */
  #complete(resourceVersion: string): readonly ReflectorOutput<T>[] {
    this.#position = resourceVersion;
    this.#canPage = true;
    const outputs: ReflectorOutput<T>[] = this.#ledger
      .endList()
      .map((key) => tell<T>({ type: "delete", key }));
    if (!this.#synced) outputs.push(tell({ type: "synced" }));
    this.#synced = true;
    if (this.#refreshing) outputs.push({ type: "refreshed" });
    this.#refreshing = false;
    return outputs;
  }

  #opened(now: number): readonly ReflectorOutput<T>[] {
    this.#openedAt = now;
    return this.#state === "watching" ? this.#connected() : [];
  }

  #event(event: WatchEvent, now: number): readonly ReflectorOutput<T>[] {
    this.#heard = true;
    switch (event.type) {
      case "put":
        return this.#isStale(event.object) ? [] : this.#put(event.object);
      case "delete":
        return this.#isStale(event.object) ? [] : this.#delete(keyOf(event.object));
      case "bookmark":
        if (this.#state === "watching") {
          this.#advance(event.resourceVersion);
          return [];
        }
        if (!event.initialEventsEnd) return [];
        this.#state = "watching";
        return [...this.#complete(event.resourceVersion), ...this.#connected()];
      case "error":
        return [{ type: "stop" }, ...this.#failed(event.error, now)];
    }
  }

  #put(object: KubeObject): readonly ReflectorOutput<T>[] {
    const key = keyOf(object);
    const version = object.metadata.resourceVersion;
    if (!this.#ledger.isNews(key, version)) return [];
    const value = this.#options.project(object);
    if (value === undefined) return this.#delete(key);
    this.#ledger.tell(key, version);
    return [tell({ type: "put", key, value })];
  }

  #delete(key: string): readonly ReflectorOutput<T>[] {
    return this.#ledger.takeBack(key) ? [tell({ type: "delete", key })] : [];
  }

  /** An event from before the position was told already, or undone by a later one. */
  #isStale({ metadata }: KubeObject): boolean {
    if (this.#state !== "watching") return false;
    return !this.#advance(metadata.resourceVersion);
  }

  /** Answers false, and stays, when the version lies behind. */
  #advance(version: string): boolean {
    if (this.#position !== undefined && isOlder(version, this.#position)) return false;
    this.#position = version;
    return true;
  }

  #ended(now: number): readonly ReflectorOutput<T>[] {
    // A server that takes the question for a plain watch never ends the initial events.
    if (this.#state === "streaming") this.#canStream = false;
    return this.#again(now, "ended", 0);
  }

  #failed(error: KubeError, now: number): readonly ReflectorOutput<T>[] {
    const wasSilent = error.reason === "Timeout" && this.#openedAt !== undefined;
    if (this.#state === "streaming" && (isRefused(error) || wasSilent)) {
      this.#canStream = false;
      if (!wasSilent) return this.#begin();
    }
    const expired = error.status === 410;
    if (this.#state === "listing" && expired) this.#canPage = false;
    // Even a quiet server sends bookmarks: one that sent nothing may not have got so far.
    if (!isResumable(error) || (wasSilent && !this.#heard)) this.#position = undefined;
    const outputs = expired ? [] : this.#disconnected(error);
    const why = expired ? "expired" : "failed";
    return [...outputs, ...this.#again(now, why, error.retryAfterMs)];
  }

  #again(
    now: number,
    why: "ended" | "expired" | "failed",
    retryAfterMs: number,
  ): readonly ReflectorOutput<T>[] {
    const settled = this.#openedAt !== undefined && now - this.#openedAt >= SETTLED_MS;
    if (settled) {
      this.#backoff.reset();
      this.#hurried = false;
    }
    const hurries = why === "expired" && !this.#hurried;
    if (hurries) this.#hurried = true;
    if (hurries || (settled && why === "ended")) return this.#begin();
    this.#state = "waiting";
    this.#deadline = now + this.#backoff.nextMs(retryAfterMs);
    return [];
  }

  #connected(): readonly ReflectorOutput<T>[] {
    if (this.#trouble === "") return [];
    this.#trouble = "";
    return [tell({ type: "connected" })];
  }

  #disconnected(error: KubeError): readonly ReflectorOutput<T>[] {
    if (this.#trouble === error.message) return [];
    this.#trouble = error.message;
    return [tell({ type: "disconnected", error })];
  }
}

const PAGE_OBJECTS = 500;

/** A stream that lived this long was no accident. */
const SETTLED_MS = 5_000;

function tell<T>(event: ReflectorEvent<T>): ReflectorOutput<T> {
  return { type: "tell", event };
}

/** Whether the server does not know, or does not allow, this way of asking. */
function isRefused({ status }: KubeError): boolean {
  return status >= 400 && status < 500 && ![401, 403, 404, 408, 410, 429].includes(status);
}

/** Whether the position is still good: nobody answered, or the answer was not about it. */
function isResumable({ status, reason }: KubeError): boolean {
  if (status === 0) return reason !== "Malformed";
  return status === 401 || status === 403 || status === 429 || status >= 500;
}

/** Versions are decimal numbers that grow; of any others nothing is assumed. */
function isOlder(version: string, than: string): boolean {
  if (!DECIMAL.test(version) || !DECIMAL.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}

const DECIMAL = /^[1-9][0-9]*$/;
