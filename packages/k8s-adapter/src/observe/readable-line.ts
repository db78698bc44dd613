/**
 * Turns one JSON log line into one for people: local time, level, sentence, then the fields as
 * `key=value`; the stack of an error follows on lines of its own. A line that is not a JSON
 * object is handed back as it is.
 */
export function readableLine(json: string): string {
  const record = parseRecord(json);
  if (record === undefined) return json;
  const { time, level, msg, err, ...fields } = record;
  const head = `${clockTime(time)} ${String(level).toUpperCase().padEnd(5)} ${msg ?? ""}`;
  const tail = Object.entries(fields).map(([key, value]) => ` ${key}=${fieldText(value)}`);
  return `${head}${tail.join("")}${errorText(err)}\n`;
}

/** A line, or the error in one. */
interface LogRecord {
  readonly time?: unknown;
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly err?: unknown;
  readonly stack?: unknown;
  readonly message?: unknown;
  readonly [field: string]: unknown;
}

function parseRecord(json: string): LogRecord | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is LogRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `14:03:07.250`: whoever watches a terminal knows the day. */
function clockTime(time: unknown): string {
  const date = new Date(String(time));
  if (Number.isNaN(date.getTime())) return String(time);
  const two = (part: number) => String(part).padStart(2, "0");
  const millis = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

/** Text without spaces stands bare; everything else as JSON, so that one field is one word. */
function fieldText(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "undefined";
}

function errorText(err: unknown): string {
  if (err === undefined) return "";
  const text = isRecord(err) ? (err.stack ?? err.message) : err;
  return `\n  ${String(text).replaceAll("\n", "\n  ")}`;
}
