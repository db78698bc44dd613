import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packageFile = createRequire(import.meta.url).resolve("vitest/package.json");
const outcomes = fileURLToPath(new URL("outcomes", import.meta.url));

/** Arguments for node to run the fixtures in `outcomes`; those of a name follow as one more word. */
export const vitestRun: readonly string[] = [
  join(dirname(packageFile), "vitest.mjs"),
  "run",
  ...["--root", outcomes],
  ...["--config", join(outcomes, "vitest.config.ts")],
];
