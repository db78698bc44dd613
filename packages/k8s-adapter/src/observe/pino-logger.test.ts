import { describe, expect, it } from "vitest";
import type { LogLevel } from "./log.ts";
import { createLogger } from "./pino-logger.ts";

function logging(level: LogLevel, readable = false) {
  const lines: string[] = [];
  const logger = createLogger({ level, readable, write: (line) => lines.push(line) });
  const records = () => lines.map((line): unknown => JSON.parse(line));
  return { logger, lines, records };
}

describe("logger", () => {
  it("writes a JSON object a line: level, time, fields, msg, and nothing else", () => {
    const { logger, lines, records } = logging("info");
    logger.info({ service: "default/web" }, "address assigned");
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(records()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        service: "default/web",
        msg: "address assigned",
      },
    ]);
  });

  it("adds a child's fields to each of its lines", () => {
    const { logger, records } = logging("info");
    logger.child({ part: "source" }).child({ kind: "pool" }).warn({ code: 410 }, "listed anew");
    expect(records()).toMatchObject([
      { level: "warn", part: "source", kind: "pool", code: 410, msg: "listed anew" },
    ]);
  });

  it("writes an error with its stack", () => {
    const { logger, records } = logging("info");
    logger.error({ err: new TypeError("no such thing") }, "crashed");
    expect(records()).toMatchObject([
      {
        err: {
          type: "TypeError",
          message: "no such thing",
          stack: expect.stringContaining("TypeError: no such thing\n"),
        },
      },
    ]);
  });

  it.each<[LogLevel, string[]]>([
    ["all", ["debug", "info", "warn", "error"]],
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
    ["none", []],
  ])("writes at level %s: %j", (level, written) => {
    const { logger, records } = logging(level);
    logger.debug({}, "d");
    logger.info({}, "i");
    logger.warn({}, "w");
    logger.error({}, "e");
    expect(records()).toMatchObject(written.map((name) => ({ level: name })));
  });

  it("writes one readable line a message for a terminal", () => {
    const { logger, lines } = logging("info", true);
    logger.child({ node: "n1" }).warn({ retryInMs: 200 }, "worker ended");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}worker ended node=n1 retryInMs=200\n$/,
    );
  });
});
