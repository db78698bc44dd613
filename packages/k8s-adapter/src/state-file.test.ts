import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StateFile } from "./state-file.ts";
import { KeepingLogger } from "./testing/keeping-logger.ts";
import { serviceRecord } from "./testing/records.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ingot-state-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open() {
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  return {
    clock,
    logger,
    file: new StateFile({ directory, clock, logger, wallClock: () => 1_234 }),
  };
}

const snapshot = { service: [serviceRecord("default/web")] };

describe("state file", () => {
  it("gives back what was kept", () => {
    const { file, clock } = open();
    expect(file.read()).toBeUndefined();
    file.keep(() => snapshot);
    clock.advance(2_000);
    expect(open().file.read()).toEqual({ keptMs: 1_234, snapshot });
  });

  it("writes the newest of many, some time after the first", () => {
    const { file, clock } = open();
    file.keep(() => ({ service: [] }));
    clock.advance(1_000);
    file.keep(() => snapshot);
    expect(open().file.read()).toBeUndefined();
    clock.advance(1_000);
    expect(open().file.read()).toEqual({ keptMs: 1_234, snapshot });
  });

  it("writes at once when told to", () => {
    const { file } = open();
    file.keep(() => snapshot);
    file.flush();
    expect(open().file.read()).toEqual({ keptMs: 1_234, snapshot });
  });

  it.each([
    ["is cut off", '{"version":1,"snap'],
    ["is of another version", '{"version":99,"snapshot":{}}'],
    ["holds nothing", "null"],
  ])("ignores a file that %s, and says so", (_, text) => {
    const { file, logger } = open();
    writeFileSync(join(directory, "speaker-state.json"), text);
    expect(file.read()).toBeUndefined();
    expect(logger.lines).toHaveLength(1);
  });

  it("names a directory that cannot be used", () => {
    const blocked = join(directory, "file");
    writeFileSync(blocked, "");
    const { clock, logger } = open();
    expect(
      () => new StateFile({ directory: join(blocked, "x"), clock, logger, wallClock: () => 0 }),
    ).toThrow(/^--state-dir .*file\/x cannot be used: /);
    expect(readFileSync(blocked, "utf8")).toBe("");
  });
});
