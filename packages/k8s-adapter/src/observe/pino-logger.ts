import {
  destination,
  type LevelWithSilent,
  type Logger as PinoLogger,
  pino,
  stdTimeFunctions,
} from "pino";
import type { Logger, LogLevel } from "./log.ts";
import { readableLine } from "./readable-line.ts";

/** How a program logs. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** One readable line a message, for a terminal, instead of JSON. */
  readonly readable: boolean;
  /** Takes whole lines; standard output, written before each call returns, when left out. */
  readonly write?: (line: string) => void;
}

/**
 * A logger that writes a JSON object a line: `level` as text, `time` in ISO 8601, the fields, then
 * `msg`. Lines are written at once, so that nothing is lost when the program ends.
 */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? standardOutput();
  const logger: PinoLogger = pino(
    {
      base: null,
      level: PINO_LEVEL[options.level],
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => write(options.readable ? readableLine(line) : line) },
  );
  return logger;
}

const PINO_LEVEL: Readonly<Record<LogLevel, LevelWithSilent>> = {
  all: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  none: "silent",
};

/** Standard output without the event loop in between. */
function standardOutput(): (line: string) => void {
  const stdout = destination({ dest: 1, sync: true });
  return (line) => stdout.write(line);
}
