import { describe, expect, it } from "vitest";
import { readableLine } from "./readable-line.ts";

/** Of a time without an offset, so that the test holds in every time zone. */
function lineOf(record: object): string {
  return readableLine(`${JSON.stringify({ time: "2026-01-02T03:04:05.006", ...record })}\n`);
}

describe("readable line", () => {
  it("is the local time, the level, the sentence and the fields", () => {
    expect(
      lineOf({ level: "info", service: "default/web", port: 80, msg: "address assigned" }),
    ).toBe("03:04:05.006 INFO  address assigned service=default/web port=80\n");
  });

  it("keeps each field in one piece", () => {
    const fields = { text: "two words", empty: "", list: ["a", 1], flag: false, line: "a\nb" };
    expect(lineOf({ level: "warn", msg: "m", ...fields })).toBe(
      '03:04:05.006 WARN  m text="two words" empty="" list=["a",1] flag=false line="a\\nb"\n',
    );
  });

  it("puts the stack of an error on lines of its own", () => {
    const err = { type: "Error", message: "boom", stack: "Error: boom\n    at here" };
    expect(lineOf({ level: "error", msg: "crashed", err })).toBe(
      "03:04:05.006 ERROR crashed\n  Error: boom\n      at here\n",
    );
  });

  it("shows an error that is only text, or has no stack", () => {
    expect(lineOf({ level: "error", msg: "m", err: "boom" })).toBe(
      "03:04:05.006 ERROR m\n  boom\n",
    );
    expect(lineOf({ level: "error", msg: "m", err: { message: "boom" } })).toBe(
      "03:04:05.006 ERROR m\n  boom\n",
    );
  });

  it.each(["not JSON\n", "[1]\n", "null\n", "7\n"])("hands %j back as it is", (line) => {
    expect(readableLine(line)).toBe(line);
  });

  it("does without a time and a sentence", () => {
    expect(readableLine('{"level":"info","time":"soon"}')).toBe("soon INFO  \n");
  });
});
