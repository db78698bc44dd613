import type { Logger } from "../observe/log.ts";

/** Keeps the sentences it is given. */
export class KeepingLogger implements Logger {
  readonly lines: string[] = [];

  debug(fields: object, message: string): void {
    this.#keep("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.#keep("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#keep("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#keep("error", fields, message);
  }

  child(): Logger {
    return this;
  }

  #keep(level: string, fields: object, message: string): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }
}
