import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fetchInside } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";
import { NODES, OwnershipLab, VIPS } from "./ownership-lab.ts";

const INTRUDER = fileURLToPath(new URL("./ownership-intruder.mjs", import.meta.url));

suite("speakers that settle among themselves who answers", ["netns", "curl"], () => {
  let lab: OwnershipLab;

  beforeEach(async () => {
    lab = await OwnershipLab.create();
  });

  afterEach(() => lab.close());

  it("take over from one whose power is cut in less than 400 ms, and leave it at that", async () => {
    const gaps: number[] = [];
    for (let times = 0; times < 3; times++) {
      const first = await lab.owner();
      lab.speaker(first).kill("SIGKILL");
      await lab.lan.setLink(first, "down");
      const others = NODES.filter((name) => name !== first);
      const second = await lab.otherThan(first, gaps);
      expect(others).toContain(second);
      await lab.lan.setLink(first, "up");
      lab.start(first);
      await lab.live(first, second);
      expect(await lab.owner()).toBe(second);
    }
    const crashes = gaps.filter((gap) => gap > 0).sort((a, b) => a - b);
    console.info(`without an answer after a crash: ${crashes.join(", ")} ms`);
    expect(crashes.length).toBeGreaterThanOrEqual(3);
    expect(crashes.at(crashes.length >> 1)).toBeLessThan(400);
    expect(crashes.at(-1)).toBeLessThan(1_000);
  });

  it("lose no probe when one is told to stop", async () => {
    const first = await lab.owner();
    await lab.speaker(first).stop("SIGTERM", 5_000);
    expect(await lab.speaker(first).exited).toEqual({ code: 0, signal: null });
    const seen = Object.values(await lab.round());
    expect(seen.map(({ lost }) => lost)).toEqual([0, 0]);
    expect(await lab.owner()).not.toBe(first);
  });

  it("keep what they know on disk for themselves alone, key included", async () => {
    const name = await lab.owner();
    const file = join(lab.stateOf(name), "speaker-state.json");
    await until(() => readFileSync(file, "utf8").includes("ingot-ownership-key"), {
      timeoutMs: 5_000,
      what: "the kept state",
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("believe no hello that is recorded, cut off, altered, or under another key", async () => {
    const first = await lab.owner();
    const before = lab.turns().length;
    const intruder = await lab.host("intruder", 200);
    const claimant = NODES.find((name) => name !== first) ?? "";
    const hostile = intruder.spawn(process.execPath, [
      ...[INTRUDER, "eth0", "7472", VIPS[0], claimant],
    ]);
    await hostile.waitForLine(/^sent$/, 20_000);
    const seen = await lab.round();
    expect(Object.values(seen).map(({ lost, nodes }) => [lost, nodes])).toEqual([
      [0, [first]],
      [0, [first]],
    ]);
    expect(lab.turns()).toHaveLength(before);
    for (const name of NODES) {
      const ns = lab.node(name);
      await until(
        async () => {
          const metrics = await fetchInside(ns, "http://127.0.0.1:9120/metrics");
          return ["replayed", "malformed", "forged", "unknown-key"].every((reason) =>
            new RegExp(`hellos_rejected_total\\{reason="${reason}"\\} [1-9]`).test(metrics),
          );
        },
        { timeoutMs: 5_000, what: `${name} to count what it did not believe` },
      );
    }
  });
});
