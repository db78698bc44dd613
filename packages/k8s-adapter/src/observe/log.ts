/** What `--log-level` takes; `all` is the same as `debug`, `none` is silence. */
export const LOG_LEVELS = ["all", "debug", "info", "warn", "error", "none"] as const;

/** The least level that is written. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Four levels and a child; pino in production, an array in tests. Fields first, then the sentence.
 * An `Error` goes under the field `err`.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: object): Logger;
}
