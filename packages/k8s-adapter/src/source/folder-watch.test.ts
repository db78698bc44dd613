import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { FolderWatch, type WatchFolder } from "./folder-watch.ts";

let directory: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "ingot-watch-")), "manifests");
});
afterEach(() => rmSync(join(directory, ".."), { recursive: true, force: true }));

function build() {
  const logger = new KeepingLogger();
  const state = { open: 0, refuse: undefined as Error | undefined };
  let change: Parameters<WatchFolder>[1] = () => {};
  let fail: Parameters<WatchFolder>[2] = () => {};
  const changes: (string | undefined)[] = [];
  const watch = new FolderWatch({
    directory,
    logger,
    watch: (_, changed, failed) => {
      if (state.refuse !== undefined) throw state.refuse;
      state.open += 1;
      change = changed;
      fail = failed;
      return () => {
        state.open -= 1;
      };
    },
    changed: (name) => changes.push(name),
  });
  return {
    watch,
    lines: logger.lines,
    state,
    changes,
    change: (name?: string) => change(name),
    fail: (e: Error) => fail(e),
  };
}

describe("folder watch", () => {
  it("waits for the folder, and watches it once", () => {
    const { watch, state } = build();
    watch.ensure();
    expect(watch.isWatching).toBe(false);
    mkdirSync(directory);
    watch.ensure();
    watch.ensure();
    expect([watch.isWatching, state.open]).toEqual([true, 1]);
    watch.close();
    expect([watch.isWatching, state.open]).toEqual([false, 0]);
  });

  it("turns to a folder that took the place of the watched one", () => {
    mkdirSync(directory);
    const { watch, state } = build();
    watch.ensure();
    rmSync(directory, { recursive: true });
    mkdirSync(`${directory}-other`);
    mkdirSync(directory);
    watch.ensure();
    expect(state.open).toBe(1);
    expect(watch.isWatching).toBe(true);
  });

  it("tells what changed, and that it watches no more when that was the folder itself", () => {
    mkdirSync(directory);
    const { watch, changes, change } = build();
    watch.ensure();
    change("a.yaml");
    change(undefined);
    expect(watch.isWatching).toBe(true);
    change(basename(directory));
    expect(watch.isWatching).toBe(false);
    expect(changes).toEqual(["a.yaml", undefined, "manifests"]);
  });

  it("warns once when it cannot watch, and tells when it can again", () => {
    mkdirSync(directory);
    const { watch, lines, state, fail } = build();
    state.refuse = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    watch.ensure();
    watch.ensure();
    expect(lines).toEqual([
      expect.stringMatching(
        /^warn folder cannot be watched: the limit on inotify watches is reached \(sysctl fs.inotify\); looking/,
      ),
    ]);
    state.refuse = undefined;
    watch.ensure();
    expect(lines.at(-1)).toMatch(/^info folder is watched again/);
    fail(new Error("gone wrong"));
    expect(watch.isWatching).toBe(false);
    expect(lines.at(-1)).toMatch(/^warn folder cannot be watched; looking .*"gone wrong"/);
  });
});
