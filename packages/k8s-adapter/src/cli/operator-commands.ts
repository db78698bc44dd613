import type { OperateOptions, Order } from "../operate/operate.ts";
import { type Command, checkSource } from "./commands.ts";
import { countFlag, type Flag, type FlagTable, shown, switchFlag } from "./flag.ts";
import { OPERATE_FLAGS } from "./flags.ts";
import { programHelp } from "./help.ts";
import { parseFlags } from "./parse.ts";
import { UsageError } from "./usage-error.ts";

/** The commands with which an operator says who is to answer, in the order of the help. */
export const OPERATOR_COMMANDS: readonly Command[] = [
  operator({
    name: "move",
    operands: ["SERVICE", "NODE"],
    summary: "Has NODE answer for a Service, without a gap.",
    table: { ...OPERATE_FLAGS, timeoutSeconds: timeout(30) },
    order: (_, [service = "", node = ""]) => {
      if (node === "") throw new UsageError(`the Service and the node are missing: ${USAGE.move}`);
      return { type: "move", service: serviceKey(service), node };
    },
  }),
  operator({
    name: "evacuate",
    operands: ["NODE"],
    summary: "Has others answer for all that NODE does, and keeps it so.",
    table: {
      ...OPERATE_FLAGS,
      timeoutSeconds: timeout(300),
      undo: switchFlag({ name: "undo", help: "The node may be given addresses again." }),
    },
    order: ({ undo }, [node = ""]) => {
      if (node === "") throw new UsageError(`the node is missing: ${USAGE.evacuate}`);
      return { type: "evacuate", node, undo };
    },
  }),
  operator({
    name: "rebalance",
    operands: [],
    summary: "Moves the fewest addresses that make loads even.",
    table: {
      ...OPERATE_FLAGS,
      timeoutSeconds: timeout(30),
      dryRun: switchFlag({ name: "dry-run", help: "Only say what would be moved." }),
      atATime: countFlag(
        { name: "at-a-time", placeholder: "N", help: "How many are on the move at a time." },
        { least: 1, most: 100, usual: 10 },
      ),
    },
    order: ({ dryRun, atATime }) => ({ type: "rebalance", dryRun, atATime }),
  }),
  operator({
    name: "rotate-key",
    operands: [],
    summary: "Has the speakers' key replaced, without a gap.",
    table: { ...OPERATE_FLAGS, timeoutSeconds: timeout(30) },
    order: () => ({ type: "rotateKey" }),
  }),
  operator({
    name: "reservations",
    operands: [],
    summary: "Lists the addresses that are reserved, and for whom.",
    table: { ...OPERATE_FLAGS, timeoutSeconds: timeout(30) },
    order: () => ({ type: "reservations" }),
  }),
];

const USAGE = { move: "ingot move SERVICE NODE", evacuate: "ingot evacuate NODE" } as const;

interface Operator<Options extends OperateOptions> {
  readonly name: string;
  readonly operands: readonly string[];
  readonly summary: string;
  readonly table: FlagTable<Options>;
  /** @throws {UsageError} */
  order(options: Options, operands: readonly string[]): Order;
}

function operator<Options extends OperateOptions>(about: Operator<Options>): Command {
  const { name, operands, summary, table } = about;
  const usage = [name, ...operands].join(" ");
  const help = programHelp(`${usage} [flags]`, summary, table, []);
  return {
    name,
    usage,
    summary,
    help,
    async run(argv, env, io) {
      const surroundings = { env, readFile: io.readFile };
      const parsed = parseFlags(table, [], argv, surroundings, operands.length);
      if (parsed.help) {
        io.out(help);
        return 0;
      }
      checkSource(parsed.options);
      const order = about.order(parsed.options, parsed.operands);
      const isDone = await io.programs.operate(order, parsed.options, {
        say: (line) => io.out(`${line}\n`),
        warn: (line) => io.err(`ingot ${name}: ${line}\n`),
      });
      return isDone ? 0 : 1;
    },
  };
}

function timeout(usual: number): Flag<number> {
  return countFlag(
    { name: "timeout", placeholder: "SECONDS", help: "For how long it is waited for." },
    { least: 1, most: 86_400, usual },
  );
}

/** @throws {UsageError} when it is no name. */
function serviceKey(text: string): string {
  const [name = "", ...more] = text.split("/").reverse();
  const [namespace = "default", ...tooMany] = more;
  if (name !== "" && namespace !== "" && tooMany.length === 0) return `${namespace}/${name}`;
  throw new UsageError(`a Service is NAME or NAMESPACE/NAME, got ${shown(text)}`);
}
