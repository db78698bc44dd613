import { describe, it } from "vitest";
import { markSkipped } from "../skip-mark.ts";

describe.skip(markSkipped("alone", "needs gcc: npm run setup:peers"), () => {
  it("is skipped", () => {});
});
