import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findProgram, testbedBinary } from "./programs.ts";
import { missing } from "./requirements.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "requirements-"));
  vi.stubEnv("INGOT_CACHE", folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function program(path: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, mode);
}

describe("requirements", () => {
  it("names all that is missing and the one command that brings it", () => {
    expect(missing(["testbed"])).toBe(
      "needs etcd, kube-apiserver, kube-proxy, kubectl: npm run setup:peers",
    );
    for (const name of ["etcd", "kube-apiserver", "kube-proxy"] as const) {
      program(testbedBinary(name), 0o755);
    }
    program(testbedBinary("kubectl"), 0o644);
    expect(missing(["testbed"])).toBe("needs kubectl: npm run setup:peers");
    chmodSync(testbedBinary("kubectl"), 0o755);
    expect(missing(["testbed"])).toBeUndefined();
  });

  it("is content when nothing is needed", () => {
    expect(missing([])).toBeUndefined();
  });
});

describe("programs", () => {
  it("are found on the path, if they can be run", () => {
    vi.stubEnv("PATH", `${join(folder, "nowhere")}:${folder}`);
    program(join(folder, "ingot-test-program"), 0o644);
    mkdirSync(join(folder, "ingot-test-folder"));
    expect(findProgram("ingot-test-program")).toBeUndefined();
    expect(findProgram("ingot-test-folder")).toBeUndefined();
    chmodSync(join(folder, "ingot-test-program"), 0o755);
    expect(findProgram("ingot-test-program")).toBe(join(folder, "ingot-test-program"));
  });

  it("of the testbed are in the cache folder", () => {
    expect(testbedBinary("etcd").startsWith(join(folder, "testbed"))).toBe(true);
    vi.stubEnv("INGOT_CACHE", "");
    vi.stubEnv("XDG_CACHE_HOME", "/var/cache");
    expect(testbedBinary("etcd")).toMatch(/^\/var\/cache\/ingot\/testbed\/kube-[^/]+\/etcd$/);
  });
});
