import { spawnSync } from "node:child_process";
import { findProgram, searchPath } from "../programs.ts";

/** Something that is missing, and the one command that brings it. */
export interface Obstacle {
  readonly what: string;
  readonly cure: string;
}

/** What keeps a lab from running here; empty when nothing does. Looked at once in a process. */
export function labObstacles(): readonly Obstacle[] {
  known ??= look();
  return known;
}

let known: readonly Obstacle[] | undefined;

function look(): readonly Obstacle[] {
  if (process.platform !== "linux")
    return [
      { what: `Linux, not ${process.platform}`, cure: "docker run --privileged -it node:24 bash" },
    ];
  const programs = [
    { program: "ip", package: "iproute2" },
    { program: "nsenter", package: "util-linux" },
    { program: "unshare", package: "util-linux" },
  ].filter(({ program }) => findProgram(program) === undefined);
  if (programs.length > 0) {
    const what = programs.map(({ program }) => program).join(", ");
    const packages = new Set(programs.map((entry) => entry.package));
    return [{ what, cure: `apt-get install ${[...packages].join(" ")}` }];
  }
  const refusal = attempt("unshare", ["--net", "--", "ip", "link", "set", "lo", "up"]);
  if (refusal === undefined) return [];
  if (process.geteuid?.() === 0) {
    return [
      {
        what: `the right to make network namespaces (${refusal})`,
        cure: "docker run --privileged",
      },
    ];
  }
  const cure = attempt("unshare", ["-Urnm", "--", "true"]) === undefined ? "unshare -Urnm" : "sudo";
  return [{ what: "root or a user namespace", cure: `${cure} ${thisCommand()}` }];
}

/** Undefined when it succeeds, and otherwise what it said. */
function attempt(command: string, args: readonly string[]): string | undefined {
  const env = { PATH: searchPath() };
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    env,
    timeout: 5_000,
  });
  return status === 0 ? undefined : stderr?.trim() || (error?.message ?? `code ${status}`);
}

/** How this process was started, if npm knows; a shell to start it from, if not. */
function thisCommand(): string {
  const { npm_lifecycle_event: script } = process.env;
  if (script === undefined || script === "npx") return "sh";
  return script === "start" || script === "test" ? `npm ${script}` : `npm run ${script}`;
}
