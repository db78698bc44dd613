import type { Logger } from "../observe/log.ts";
import type { Report } from "./report.ts";

/** A logger for a command: what is wrong is told in its report, the rest is of no interest. */
export function reportLogger(report: Report): Logger {
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (_, message) => report.warn(message),
    child: () => logger,
  };
  return logger;
}
