import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { textOf } from "../error-text.ts";

/** Where MetalLB's speaker looks for its list. */
export const EXCLUSION_FILE = "/etc/metallb/excludel2.yaml";

/** Names on which nothing is announced when no file says otherwise: MetalLB's own list. */
export const EXCLUDED_BY_DEFAULT: readonly string[] = [
  "^docker.*",
  "^cbr.*",
  "^dummy.*",
  "^virbr.*",
  "^lxcbr.*",
  "^veth.*",
  "^lo$",
  "^cali.*",
  "^tunl.*",
  "^flannel.*",
  "^kube-ipvs.*",
  "^cni.*",
  "^nodelocaldns.*",
  "^lxc.*",
];

/**
 * The patterns of a file as MetalLB has it (`announcedInterfacesToExclude`, a list of regular
 * expressions), which replace the default ones; these, when there is no file.
 *
 * @param file The file to read; undefined: {@link EXCLUSION_FILE}, if it is there.
 * @throws {Error} that names the file and what is wrong in it.
 */
export function readExclusion(file: string | undefined): readonly string[] {
  const path = file ?? EXCLUSION_FILE;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (file === undefined) return EXCLUDED_BY_DEFAULT;
    throw new Error(`--exclude-interfaces-file ${path} cannot be read: ${textOf(error)}`);
  }
  try {
    return patternsOf(parse(text));
  } catch (error) {
    throw new Error(`${path} is not right: ${textOf(error)}`);
  }
}

/** One expression that finds a name which any of the patterns finds; none finds nothing. */
export function exclusionOf(patterns: readonly string[]): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:${pattern})`).join("|") || "$^");
}

function patternsOf(content: unknown): readonly string[] {
  const list: unknown =
    typeof content === "object" && content !== null
      ? Reflect.get(content, "announcedInterfacesToExclude")
      : undefined;
  if (!Array.isArray(list)) throw new Error("announcedInterfacesToExclude must be a list");
  return list.map((pattern: unknown, index) => {
    const field = `announcedInterfacesToExclude[${index}]`;
    if (typeof pattern !== "string") {
      throw new Error(`${field} must be a regular expression, got ${JSON.stringify(pattern)}`);
    }
    try {
      new RegExp(pattern);
    } catch {
      throw new Error(`${field} is not a regular expression: "${pattern}"`);
    }
    return pattern;
  });
}
