import { type Flag, type FlagShape, type FlagTable, variableOf } from "./flag.ts";

/** What `ingot help` shows: a line for each command. */
export function overview(
  commands: readonly { readonly usage: string; readonly summary: string }[],
): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  const lines = commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return `Ingot, a load balancer for bare-metal Kubernetes.

Usage: ingot COMMAND [flags]

${lines.join("\n")}

Run "ingot help COMMAND" for the flags of a command.
`;
}

/** The help of a command without flags. */
export function commandHelp(usage: string, summary: string): string {
  return `Usage: ingot ${usage}\n\n${summary}\n`;
}

/** The help of a command with flags, all of it from their table. */
export function programHelp<Options>(
  usage: string,
  summary: string,
  table: FlagTable<Options>,
  ignored: readonly FlagShape[],
): string {
  const flags = Object.values<Flag<unknown>>(table).map(flagHelp).join("\n");
  const names = wrap(ignored.map(({ name }) => `--${name}`).join(", "));
  const ignoring =
    ignored.length === 0
      ? ""
      : `
Accepted and ignored, so that manifests written for MetalLB keep working:

${names}`;
  return `${commandHelp(usage, summary)}
Flags, each with the environment variable that it goes before:

${flags}${ignoring}`;
}

function flagHelp(flag: Flag<unknown>): string {
  const head = flag.placeholder === "" ? `--${flag.name}` : `--${flag.name} ${flag.placeholder}`;
  const byDefault = flag.defaultText === "" ? "" : `Default: ${flag.defaultText}. `;
  return `  ${head}\n      ${flag.help}\n      ${byDefault}${variableOf(flag)}\n`;
}

/** Breaks at spaces so that each line, indented by two, fits 80 columns. */
function wrap(text: string): string {
  return text.replace(/(.{1,78})(?: |$)/g, "  $1\n");
}
