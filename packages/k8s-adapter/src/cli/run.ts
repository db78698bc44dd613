import { textOf } from "../error-text.ts";
import { COMMANDS, type Command, type Io } from "./commands.ts";
import { type Surroundings, shown } from "./flag.ts";
import { commandHelp, overview } from "./help.ts";
import { nearest } from "./nearest.ts";
import { OPERATOR_COMMANDS } from "./operator-commands.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Carries out one command line, without `node` and the script, and answers the exit code: 0 when
 * all went well, 1 when it failed, 2 when the command line or the environment is wrong, 130 or 143
 * when a second signal ended it. Never rejects.
 */
export async function run(
  argv: readonly string[],
  env: Surroundings["env"],
  io: Io,
): Promise<number> {
  const [name = "", ...rest] = argv;
  try {
    return await commandNamed(name).run(rest, env, io);
  } catch (error) {
    io.err(`ingot: ${textOf(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    const known = ALL.some((command) => command.name === name);
    io.err(`Run "ingot ${known ? `${name} ` : ""}--help" for help.\n`);
    return 2;
  }
}

const usage = "help [COMMAND]";
const summary = "Shows this, or the flags of a command.";

const help: Command = {
  name: "help",
  usage,
  summary,
  help: commandHelp(usage, summary),
  async run([topic, ...more], _env, io) {
    if (more.length > 0) throw new UsageError(`unexpected argument ${shown(more[0] ?? "")}`);
    io.out(topic === undefined ? overview(ALL) : commandNamed(topic).help);
    return 0;
  },
};

const ALL: readonly Command[] = [...COMMANDS, ...OPERATOR_COMMANDS, help];

const ALIASES: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
};

/** @throws {UsageError} when there is none. */
function commandNamed(given: string): Command {
  const name = Object.hasOwn(ALIASES, given) ? ALIASES[given] : given;
  const command = ALL.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = ALL.map((candidate) => candidate.name);
  if (given === "") throw new UsageError(`a command is missing: ${names.join(", ")}`);
  const meant = nearest(given, names);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new UsageError(`unknown command ${shown(given)}${hint}`);
}
