import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderFiles, isManifestName } from "./folder-files.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ingot-files-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(join(directory, name), text);
const folder = (settleMs: number) =>
  new FolderFiles({ directory, settleMs, isOfInterest: isManifestName });

describe("folder files", () => {
  it("believes at once what the first look finds, in the order of names", () => {
    put("b.yaml", "b");
    put("a.json", "a");
    put("notes.txt", "no");
    put(".hidden.yaml", "no");
    put("b.yaml~", "no");
    expect(folder(100).look(0)).toEqual({
      changes: [
        { type: "text", name: "a.json", text: "a" },
        { type: "text", name: "b.yaml", text: "b" },
      ],
      settledInMs: Number.POSITIVE_INFINITY,
      unreachable: undefined,
    });
  });

  it("waits until a change has been quiet", () => {
    const files = folder(100);
    files.look(0);
    put("a.yaml", "half");
    expect(files.look(10)).toMatchObject({ changes: [], settledInMs: 100 });
    put("a.yaml", "half and whole");
    expect(files.look(60)).toMatchObject({ changes: [], settledInMs: 100 });
    expect(files.look(159, [])).toMatchObject({ changes: [], settledInMs: 1 });
    expect(files.look(160, []).changes).toEqual([
      { type: "text", name: "a.yaml", text: "half and whole" },
    ]);
    expect(files.look(1_000)).toMatchObject({ changes: [], settledInMs: Number.POSITIVE_INFINITY });
  });

  it("does not see the moment in which an editor has moved the old file away", () => {
    put("a.yaml", "old");
    const files = folder(100);
    files.look(0);
    renameSync(join(directory, "a.yaml"), join(directory, "a.yaml~"));
    expect(files.look(10)).toMatchObject({ changes: [], settledInMs: 100 });
    put("a.yaml", "new");
    files.look(20, ["a.yaml"]);
    expect(files.look(120, []).changes).toEqual([{ type: "text", name: "a.yaml", text: "new" }]);
  });

  it("believes several changes together, and a file that is gone for good", () => {
    put("a.yaml", "a");
    const files = folder(100);
    files.look(0);
    rmSync(join(directory, "a.yaml"));
    files.look(0, ["a.yaml"]);
    put("b.yaml", "b");
    expect(files.look(90, ["b.yaml"])).toMatchObject({ changes: [], settledInMs: 100 });
    expect(files.look(190, []).changes).toEqual([
      { type: "gone", name: "a.yaml" },
      { type: "text", name: "b.yaml", text: "b" },
    ]);
  });

  it("does not let a file that never rests hold up the others", () => {
    const files = folder(100);
    files.look(0);
    put("quiet.yaml", "quiet");
    let found = 0;
    for (let now = 0; now <= 2_000; now += 50) {
      put("busy.yaml", String(now).padStart(now / 50 + 5));
      const { changes } = files.look(now);
      if (changes.length > 0)
        expect(changes).toEqual([{ type: "text", name: "quiet.yaml", text: "quiet" }]);
      found += changes.length;
    }
    expect(found).toBe(1);
  });

  it("does not wait where files are only replaced whole", () => {
    const files = folder(0);
    files.look(0);
    put("a.yaml", "a");
    expect(files.look(0, ["a.yaml"]).changes).toEqual([
      { type: "text", name: "a.yaml", text: "a" },
    ]);
  });

  it("reports a file that cannot be read", () => {
    mkdirSync(join(directory, "a.yaml"));
    expect(folder(0).look(0).changes).toMatchObject([
      { type: "unreadable", name: "a.yaml", reason: expect.stringContaining("EISDIR") },
    ]);
  });

  it("takes a folder that is away for no loss of its files", () => {
    put("a.yaml", "a");
    const files = folder(0);
    files.look(0);
    const away = `${directory}-away`;
    renameSync(directory, away);
    const unreachable = `folder ${directory} does not exist`;
    expect(files.look(1)).toMatchObject({ changes: [], unreachable });
    expect(files.look(1, ["a.yaml"])).toMatchObject({ changes: [], unreachable });
    renameSync(away, directory);
    expect(files.look(2)).toMatchObject({ changes: [], unreachable: undefined });
  });

  it("says when a folder is none", () => {
    put("file", "");
    const path = join(directory, "file");
    const files = new FolderFiles({ directory: path, settleMs: 0, isOfInterest: isManifestName });
    expect(files.look(0).unreachable).toBe(`${path} is not a folder`);
  });
});
