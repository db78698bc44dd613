import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXCLUDED_BY_DEFAULT, exclusionOf, readExclusion } from "./exclusion.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ingot-exclusion-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, "excludel2.yaml");
  writeFileSync(path, text);
  return path;
}

describe("the exclusion file", () => {
  it("replaces the default patterns", () => {
    const patterns = readExclusion(file('announcedInterfacesToExclude: ["^eth1$", "wlan"]'));
    expect(patterns).toEqual(["^eth1$", "wlan"]);
    const excluded = exclusionOf(patterns);
    expect(["eth1", "mywlan0", "docker0"].map((name) => excluded.test(name))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("may be missing where MetalLB has it, but not when it was asked for", () => {
    expect(readExclusion(undefined)).toBe(EXCLUDED_BY_DEFAULT);
    expect(() => readExclusion(join(directory, "none"))).toThrow(
      /^--exclude-interfaces-file .*none cannot be read: ENOENT/,
    );
  });

  it("may exclude nothing", () => {
    const patterns = readExclusion(file("announcedInterfacesToExclude: []"));
    expect(exclusionOf(patterns).test("lo")).toBe(false);
  });

  it.each([
    ["a: [", /excludel2\.yaml is not right: /],
    ["- x", /announcedInterfacesToExclude must be a list/],
    ["announcedInterfacesToExclude: eth0", /announcedInterfacesToExclude must be a list/],
    ["announcedInterfacesToExclude: [7]", /\[0\] must be a regular expression, got 7/],
    ['announcedInterfacesToExclude: ["ok", "("]', /\[1\] is not a regular expression: "\("/],
  ])("names what is wrong in %j", (text, message) => {
    expect(() => readExclusion(file(text))).toThrow(message);
  });
});
