import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendLine, isUnfinished, removeFile, replaceFile } from "./folder-writer.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ingot-writer-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const text = (name: string) => readFileSync(join(directory, name), "utf8");

describe("folder writer", () => {
  it("replaces a file, makes its folder, and leaves nothing else behind", async () => {
    const below = join(directory, "new", "deep");
    await replaceFile(below, "a.yaml", "one");
    await replaceFile(below, "a.yaml", "two");
    expect(readFileSync(join(below, "a.yaml"), "utf8")).toBe("two");
    expect(readdirSync(below)).toEqual(["a.yaml"]);
  });

  it("names the file that it cannot write", async () => {
    writeFileSync(join(directory, "file"), "");
    const path = join(directory, "file", "a.yaml");
    await expect(replaceFile(join(directory, "file"), "a.yaml", "")).rejects.toThrow(
      `${path} could not be written: `,
    );
  });

  it("knows its unfinished files from others", () => {
    expect(isUnfinished(".a.yaml.17.tmp")).toBe(true);
    expect(isUnfinished("a.yaml")).toBe(false);
    expect(isUnfinished(".a.yaml.swp")).toBe(false);
  });

  it("removes a file, there or not", async () => {
    writeFileSync(join(directory, "a"), "");
    await removeFile(directory, "a");
    await removeFile(directory, "a");
    expect(readdirSync(directory)).toEqual([]);
  });

  it("appends lines, and sets a full file aside once", async () => {
    const path = join(directory, "events.jsonl");
    for (const line of ["1111", "2222", "3333", "4444", "5555"]) await appendLine(path, line, 10);
    expect(text("events.jsonl")).toBe("5555\n");
    expect(text("events.jsonl.1")).toBe("3333\n4444\n");
    expect(readdirSync(directory)).toEqual(["events.jsonl", "events.jsonl.1"]);
  });
});
