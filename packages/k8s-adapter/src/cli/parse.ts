import { type ParseArgsConfig, parseArgs } from "node:util";
import {
  type Flag,
  type FlagShape,
  type FlagTable,
  type Surroundings,
  shown,
  variableOf,
} from "./flag.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line of a program says. */
export type Parsed<Options> =
  | { readonly help: true }
  | {
      readonly help: false;
      readonly options: Options;
      /** Names, with dashes, of what was given and has no meaning here. */
      readonly ignored: readonly string[];
      /** What was given beside the flags. */
      readonly operands: readonly string[];
    };

/**
 * Reads the flags of one command. A flag goes before its environment variable, and that before
 * the default; of a flag given twice the last counts; an empty variable counts as unset.
 *
 * @param mostOperands How many arguments there may be that are no flags.
 * @throws {UsageError} for a flag that is unknown, misses its value or has a wrong one.
 */
export function parseFlags<Options>(
  table: FlagTable<Options>,
  ignoredFlags: readonly FlagShape[],
  argv: readonly string[],
  surroundings: Surroundings,
  mostOperands = 0,
): Parsed<Options> {
  const flags = Object.entries<Flag<unknown>>(table);
  const { given, operands } = readArgv(
    [
      ...flags.map(([, { name, placeholder }]) => ({ name, takesValue: placeholder !== "" })),
      ...ignoredFlags,
      { name: "help", takesValue: false },
    ],
    argv,
    mostOperands,
  );
  if (given.has("help")) return { help: true };
  const options = flags.map(([key, flag]) => [key, readFlag(flag, given, surroundings)]);
  const ignored = ignoredFlags.filter(({ name }) => given.has(name)).map(({ name }) => `--${name}`);
  return { help: false, options: Object.fromEntries(options) as Options, ignored, operands };
}

/** The texts given on the command line, by name of the flag; a bare switch gives `true`. */
function readArgv(
  known: readonly FlagShape[],
  argv: readonly string[],
  mostOperands: number,
): { readonly given: ReadonlyMap<string, string>; readonly operands: readonly string[] } {
  const options: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries(
    known.map(({ name, takesValue }) => [name, { type: takesValue ? "string" : "boolean" }]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (operands.push(token.value) <= mostOperands) continue;
      throw new UsageError(`unexpected argument ${shown(token.value)}`);
    }
    if (token.rawName === "-h") return { given: new Map([["help", "true"]]), operands };
    const flag = known.find(({ name }) => token.rawName === `--${name}`);
    if (flag === undefined) throw unknownFlag(argv[token.index] ?? token.rawName, known);
    const inline = token.inlineValue === true;
    if (flag.takesValue && (token.value === undefined || (!inline && /^--/.test(token.value)))) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName}=VALUE`);
    }
    given.set(flag.name, token.value ?? "true");
  }
  return { given, operands };
}

function unknownFlag(argument: string, known: readonly FlagShape[]): UsageError {
  const name = argument.replace(/^-+/, "").replace(/=.*$/s, "");
  const dashes = argument.startsWith("--") ? "--" : "-";
  const meant = nearest(
    name,
    known.map((flag) => flag.name),
  );
  const hint = meant === undefined ? "" : `; did you mean --${meant}?`;
  return new UsageError(`unknown flag ${dashes}${name}${hint}`);
}

function readFlag<T>(
  flag: Flag<T>,
  given: ReadonlyMap<string, string>,
  surroundings: Surroundings,
): T {
  const onCommandLine = given.get(flag.name);
  if (onCommandLine !== undefined) return flag.read(onCommandLine, `--${flag.name}`);
  const variable = variableOf(flag);
  const inEnvironment = surroundings.env[variable] ?? "";
  return inEnvironment === "" || isServiceLink(inEnvironment)
    ? flag.fallback(surroundings)
    : flag.read(inEnvironment, variable);
}

/**
 * Kubernetes puts `METALLB_PORT=tcp://10.0.0.1:80` into the Pods beside a Service named `metallb`;
 * that is not meant for us.
 */
function isServiceLink(text: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(text);
}
