import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lab } from "@ingot/testkit";
import { parseArguments, type QuickstartArguments, USAGE } from "./arguments.ts";
import { howToLook, play } from "./play.ts";
import { Story } from "./story.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let asked: QuickstartArguments;
  try {
    asked = parseArguments(argv);
  } catch (error) {
    process.stderr.write(`${textOf(error)}; see npm start -- --help\n`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    if (asked.stop !== "") {
      await Lab.destroy(asked.stop);
      return 0;
    }
    if (process.getuid?.() !== 0) return inUserNamespace(argv, asked);
    return await run(asked);
  } catch (error) {
    process.stderr.write(`quick start: ${textOf(error)}\n`);
    return 1;
  }
}

async function run(asked: QuickstartArguments): Promise<number> {
  const story = new Story(asked.json);
  const lab = await Lab.create();
  // An interrupt ends the play; the lab is taken down on the way out.
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
    }
  });
  try {
    const stage = await Promise.race([play(lab, story), interrupted]);
    if (asked.keep) {
      const stateFile = join(tmpdir(), `${lab.prefix}.json`);
      story.step("Everything goes on running");
      for (const line of howToLook(stage, stateFile)) story.say(line);
      story.fact("stateFile", stateFile);
      await lab.keep(stateFile);
    } else {
      story.step("To look around yourself");
      story.say("npm start -- --keep     leaves all of this running and prints how to look at it");
      story.say("npx ingot speaker --help");
    }
    story.end(true);
    return 0;
  } catch (error) {
    story.fact("error", textOf(error));
    story.end(false);
    throw error;
  } finally {
    await lab.close();
  }
}

/** Not root: the same again, as root of a user namespace, where the system allows that. */
function inUserNamespace(argv: readonly string[], asked: QuickstartArguments): number {
  if (asked.keep) {
    throw new Error("--keep needs root: a user namespace ends with the program that made it");
  }
  if (spawnSync("unshare", ["-Urnm", "--", "true"], { stdio: "ignore" }).status !== 0) {
    throw new Error(
      "this needs root, or user namespaces (unshare -Urnm), and this machine allows neither: run it as root",
    );
  }
  const inside = ["-Urnm", "--", process.execPath, fileURLToPath(import.meta.url), ...argv];
  return spawnSync("unshare", inside, { stdio: "inherit" }).status ?? 1;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
