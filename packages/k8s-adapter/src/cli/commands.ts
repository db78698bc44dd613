import type { Conversion } from "../convert/convert.ts";
import type { Logger, LogLevel } from "../observe/log.ts";
import type { OperateOptions, Order } from "../operate/operate.ts";
import type { Report } from "../operate/report.ts";
import type { CommonOptions, ControllerOptions, Running, SpeakerOptions } from "../options.ts";
import { type FlagShape, type FlagTable, type Surroundings, shown } from "./flag.ts";
import {
  CONTROLLER_FLAGS,
  CONTROLLER_IGNORED,
  CONVERT_FLAGS,
  SPEAKER_FLAGS,
  SPEAKER_IGNORED,
} from "./flags.ts";
import { commandHelp, programHelp } from "./help.ts";
import { parseFlags } from "./parse.ts";
import { type Interruptions, supervise } from "./supervise.ts";
import { UsageError } from "./usage-error.ts";
import { VERSION } from "./version.ts";

/** What the commands need of the process they run in. */
export interface Io {
  /** To standard output. */
  out(text: string): void;
  /** To standard error. */
  err(text: string): void;
  /** The text of a file; undefined when it cannot be read. */
  readFile(path: string): string | undefined;
  createLogger(level: LogLevel): Logger;
  readonly interruptions: Interruptions;
  readonly programs: Programs;
}

/** What is loaded only when its command is run. */
interface Programs {
  startController(options: ControllerOptions, logger: Logger): Promise<Running>;
  startSpeaker(options: SpeakerOptions, logger: Logger): Promise<Running>;
  crdYaml(): Promise<string>;
  convert(text: string, namespace: string | undefined): Promise<Conversion>;
  /** Answers whether the order was carried out in full. */
  operate(order: Order, options: OperateOptions, report: Report): Promise<boolean>;
}

/** One command of `ingot`. */
export interface Command {
  readonly name: string;
  /** With its arguments, as the help shows it. */
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  /** Answers the exit code. @throws {UsageError} when the arguments or the environment are wrong. */
  run(argv: readonly string[], env: Surroundings["env"], io: Io): Promise<number>;
}

/** Every command but `help`, in the order in which the help shows them. */
export const COMMANDS: readonly Command[] = [
  program({
    name: "controller",
    summary: "Assigns addresses to Services.",
    table: CONTROLLER_FLAGS,
    ignored: CONTROLLER_IGNORED,
    start: (programs, options, logger) => programs.startController(options, logger),
  }),
  program({
    name: "speaker",
    summary: "Announces the addresses of Services from this node.",
    table: SPEAKER_FLAGS,
    ignored: SPEAKER_IGNORED,
    start: (programs, options, logger) => programs.startSpeaker(options, logger),
  }),
  printer("crds", "Prints the CustomResourceDefinitions, for kubectl apply.", (io) =>
    io.programs.crdYaml(),
  ),
  converter(),
  printer("version", "Prints the version.", async () => `ingot ${VERSION}\n`),
];

interface Program<Options extends CommonOptions> {
  readonly name: string;
  readonly summary: string;
  readonly table: FlagTable<Options>;
  readonly ignored: readonly FlagShape[];
  start(programs: Programs, options: Options, logger: Logger): Promise<Running>;
}

function program<Options extends CommonOptions>(about: Program<Options>): Command {
  const { name, summary, table, ignored } = about;
  const usage = `${name} [flags]`;
  const help = programHelp(usage, summary, table, ignored);
  return {
    name,
    usage,
    summary,
    help,
    async run(argv, env, io) {
      const parsed = parseFlags(table, ignored, argv, { env, readFile: io.readFile });
      if (parsed.help) {
        io.out(help);
        return 0;
      }
      const { options } = parsed;
      checkSource(options);
      const logger = io.createLogger(options.logLevel);
      if (parsed.ignored.length > 0) {
        logger.warn({}, `ignored, as they have no meaning here: ${parsed.ignored.join(", ")}`);
      }
      logger.info({ version: VERSION }, `ingot ${name} starts`);
      return supervise({
        start: () => about.start(io.programs, options, logger),
        interruptions: io.interruptions,
        logger,
        // Even a program that logs nothing says why it ended.
        fatal: (fields, message) =>
          options.logLevel === "none"
            ? io.err(`ingot ${name}: ${message}\n`)
            : logger.error(fields, message),
      });
    },
  };
}

function converter(): Command {
  const usage = "convert [FILE] [flags]";
  const summary = "Turns MetalLB's old ConfigMap into objects.";
  const help = programHelp(usage, summary, CONVERT_FLAGS, []);
  return {
    name: "convert",
    usage: "convert [FILE]",
    summary,
    help,
    async run(argv, env, io) {
      const surroundings = { env, readFile: io.readFile };
      const parsed = parseFlags(CONVERT_FLAGS, [], argv, surroundings, 1);
      if (parsed.help) {
        io.out(help);
        return 0;
      }
      const [file = "-"] = parsed.operands;
      const text = io.readFile(file === "-" ? STANDARD_INPUT : file);
      if (text === undefined) throw new UsageError(`cannot read ${shown(file)}`);
      const conversion = await io.programs.convert(text, parsed.options.namespace);
      if (!conversion.ok) throw new Error(conversion.message);
      io.out(conversion.yaml);
      return 0;
    },
  };
}

const STANDARD_INPUT = "/dev/stdin";

/** @throws {UsageError} when it is not clear, or cannot be, what to work with. */
export function checkSource(
  options: Pick<CommonOptions, "manifests" | "kubeconfig" | "statusDir">,
): void {
  const { manifests, kubeconfig, statusDir } = options;
  if (manifests !== undefined && kubeconfig !== undefined) {
    throw new UsageError("--manifests and --kubeconfig exclude each other");
  }
  if (manifests === undefined && statusDir !== undefined) {
    throw new UsageError("--status-dir needs --manifests");
  }
}

function printer(name: string, summary: string, print: (io: Io) => Promise<string>): Command {
  const help = commandHelp(name, summary);
  return {
    name,
    usage: name,
    summary,
    help,
    async run(argv, env, io) {
      const parsed = parseFlags({}, [], argv, { env, readFile: io.readFile });
      io.out(parsed.help ? help : await print(io));
      return 0;
    },
  };
}
