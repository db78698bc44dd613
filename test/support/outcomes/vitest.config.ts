import { defineConfig } from "vitest/config";
import { SummaryReporter } from "../summary-reporter.ts";

// A run of its own with every outcome there is, for the tests of what is in test/support.
export default defineConfig({
  test: {
    include: ["*.fixture.ts", "endless.ts"],
    reporters: ["default", new SummaryReporter()],
  },
});
