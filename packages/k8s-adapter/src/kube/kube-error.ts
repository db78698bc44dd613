import { isJsonObject, type JsonObject, parseJson } from "./json.ts";

/** What is known of a failure besides its sentence. */
export interface KubeFailure {
  /** Of the HTTP answer or of an ERROR event; 0 when there was none. */
  readonly status: number;
  readonly reason: string;
  /** How long the server asks to be left alone; default 0, it does not say. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The one error of talking to the API server: it refused, could not be reached, or made no sense. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /**
   * Of the Status object (`Conflict`, `Expired`); without one the code of the cause
   * (`ECONNREFUSED`), `Timeout`, `Aborted`, `Malformed` or `Credentials`.
   */
  readonly reason: string;
  /** How long the server asks to be left alone; 0 when it does not say. */
  readonly retryAfterMs: number;

  constructor(message: string, failure: KubeFailure) {
    super(message, "cause" in failure ? { cause: failure.cause } : undefined);
    this.status = failure.status;
    this.reason = failure.reason;
    this.retryAfterMs = failure.retryAfterMs ?? 0;
  }
}

/** A refusal by HTTP status; `body` is read as a Status object if it is one. */
export function refusal(
  operation: string,
  status: number,
  body: string,
  retryAfter: string | undefined,
): KubeError {
  const said = saidBy(parseJson(body));
  const reason = said.reason ?? `HTTP${status}`;
  const message = said.message ?? oneLine(body);
  return new KubeError(`${operation}: ${status} ${reason}${message === "" ? "" : `: ${message}`}`, {
    status,
    reason,
    retryAfterMs: message.includes(FIRST_LIST)
      ? FIRST_LIST_MS
      : milliseconds(Number(retryAfter)) || said.retryAfterMs,
  });
}

/**
 * Said to whoever is the first to list a kind since the server started; it asks for a second, but is
 * ready within some tens of milliseconds.
 */
const FIRST_LIST = "storage is (re)initializing";
const FIRST_LIST_MS = 50;

/** The Status object that an ERROR event of a watch carries. */
export function watchRefusal(object: JsonObject): KubeError {
  const { code, reason = "Unknown", message = "no message", retryAfterMs } = saidBy(object);
  const status = code ?? 500;
  return new KubeError(`the watch was ended: ${status} ${reason}: ${message}`, {
    status,
    reason,
    retryAfterMs,
  });
}

/** No answer at all: the cause in words, of all addresses that were tried. */
export function unreachable(operation: string, cause: unknown): KubeError {
  const errors: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  const said = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  const code = cause instanceof Error && "code" in cause ? filled(cause.code) : undefined;
  return new KubeError(`${operation}: ${said.join("; ")}`, {
    status: 0,
    reason: code ?? "Unreachable",
    cause,
  });
}

/** An answer that makes no sense; nothing of it is quoted. */
export function malformed(what: string): KubeError {
  return new KubeError(`the API server sent something unexpected: ${what}`, {
    status: 0,
    reason: "Malformed",
  });
}

/** What a Status object says. */
interface Said {
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly retryAfterMs: number;
}

function saidBy(status: unknown): Said {
  const { code, reason, message, details } = isJsonObject(status) ? status : NOTHING;
  const { retryAfterSeconds } = isJsonObject(details) ? details : NOTHING;
  return {
    code: typeof code === "number" ? code : undefined,
    reason: filled(reason),
    message: filled(message),
    retryAfterMs: milliseconds(retryAfterSeconds),
  };
}

const NOTHING: JsonObject = {};

/** 0 for what is no number of seconds, such as the other form of Retry-After, a date. */
function milliseconds(seconds: unknown): number {
  return typeof seconds === "number" && seconds > 0 && seconds < 1e6 ? seconds * 1_000 : 0;
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function oneLine(body: string): string {
  return body.replaceAll(/\s+/g, " ").trim().slice(0, 200);
}
