import { renameSync, writeFileSync } from "node:fs";
import { Lab } from "@ingot/testkit";
import { it } from "vitest";
import { suite } from "../suite.ts";

suite("endless", ["netns"], () => {
  it("waits in its lab until the runner is killed", { timeout: 60_000 }, async () => {
    const lab = await Lab.create();
    const host = await lab.namespace("host");
    const { pid } = host.spawn("sleep", ["300"]);
    const { REPORT = "report" } = process.env;
    const report = { path: host.path, directory: lab.directory, pids: [pid], said: "" };
    writeFileSync(`${REPORT}.new`, JSON.stringify(report));
    renameSync(`${REPORT}.new`, REPORT);
    await new Promise(() => {});
  });
});
