import { beforeAll, describe, expect, it } from "vitest";
import { markSkipped } from "../skip-mark.ts";

it("passes", () => {});

it("fails", () => {
  expect(1).toBe(2);
});

it.skip("is left out", () => {});

it.todo("is not there yet");

it("has a reason of its own", ({ skip }) => skip("needs the moon: wait for the night"));

describe.skip(markSkipped("far away", "needs arping: npm run setup:peers"), () => {
  it("is skipped", () => {});

  describe("inside", () => {
    it("is skipped as well", () => {});
  });
});

describe("without a floor", () => {
  beforeAll(() => {
    throw new Error("no floor");
  });

  it("never starts", () => {});
});
