import { UsageError } from "./usage-error.ts";

/** What a default may be taken from. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; undefined when it cannot be read. */
  readFile(path: string): string | undefined;
}

/** How a flag stands on the command line. */
export interface FlagShape {
  /** Without the dashes. */
  readonly name: string;
  readonly takesValue: boolean;
}

/** One flag: parsing, validation and help all come from here. */
export interface Flag<T> {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help; empty for a switch. */
  readonly placeholder: string;
  /** One line. */
  readonly help: string;
  /** For the help; empty when there is nothing to say. */
  readonly defaultText: string;
  /**
   * Reads a value; `source` is what gave it, the flag or the variable.
   *
   * @throws {UsageError} when it is not a value of this flag.
   */
  read(text: string, source: string): T;
  /** The value when neither flag nor variable gives one. @throws {UsageError} when one must. */
  fallback(surroundings: Surroundings): T;
}

/** A flag for each option: the compiler sees to it that none is missing. */
export type FlagTable<Options> = { readonly [Name in keyof Options]-?: Flag<Options[Name]> };

/** The environment variable that a flag goes before: `METALLB_LOG_LEVEL` for `--log-level`. */
export function variableOf(flag: { readonly name: string }): string {
  return `METALLB_${flag.name.toUpperCase().replaceAll("-", "_")}`;
}

/** What is particular to a flag; the rest follows from its kind. */
export interface FlagText {
  readonly name: string;
  readonly placeholder: string;
  readonly help: string;
}

/** A whole number from a least to a most. */
export function numberFlag(
  about: FlagText,
  least: number,
  most: number,
  defaultNumber: number,
): Flag<number> {
  return {
    ...about,
    defaultText: String(defaultNumber),
    read(text, source) {
      const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= least && number <= most) return number;
      throw new UsageError(`${source} must be ${least}..${most}, got ${shown(text)}`);
    },
    fallback: () => defaultNumber,
  };
}

/** A TCP port; 0 is allowed. */
export function portFlag(about: FlagText, defaultPort: number): Flag<number> {
  return numberFlag(about, 0, 65_535, defaultPort);
}

/** A whole number within bounds. */
export function countFlag(
  about: FlagText,
  { least, most, usual }: { readonly least: number; readonly most: number; readonly usual: number },
): Flag<number> {
  return {
    ...about,
    defaultText: String(usual),
    read(text, source) {
      const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
      if (count >= least && count <= most) return count;
      throw new UsageError(`${source} must be ${least}..${most}, got ${shown(text)}`);
    },
    fallback: () => usual,
  };
}

/** One word of a few. */
export function choiceFlag<T extends string>(
  about: FlagText,
  choices: readonly T[],
  defaultChoice: T,
): Flag<T> {
  return {
    ...about,
    defaultText: defaultChoice,
    read(text, source) {
      const choice = choices.find((candidate) => candidate === text);
      if (choice !== undefined) return choice;
      throw new UsageError(`${source} must be one of ${choices.join(", ")}, got ${shown(text)}`);
    },
    fallback: () => defaultChoice,
  };
}

/** On or off; `--name` alone is on. Takes what Go's flags take. */
export function switchFlag(
  about: Omit<FlagText, "placeholder">,
  defaultState = false,
): Flag<boolean> {
  return {
    ...about,
    placeholder: "",
    defaultText: defaultState ? "on" : "off",
    read(text, source) {
      if (/^(1|t|true)$/i.test(text)) return true;
      if (/^(0|f|false)$/i.test(text)) return false;
      throw new UsageError(`${source} must be true or false, got ${shown(text)}`);
    },
    fallback: () => defaultState,
  };
}

/** The path of a file or folder that need not be given. */
export function pathFlag(about: FlagText): Flag<string | undefined> {
  return {
    ...about,
    defaultText: "",
    read(text, source) {
      if (text !== "") return text;
      throw new UsageError(`${source} must be a path, got ${shown(text)}`);
    },
    fallback: () => undefined,
  };
}

/** A value as a message shows it: bare, unless that would hide where it begins or ends. */
export function shown(text: string): string {
  return /^\S+$/.test(text) ? text : JSON.stringify(text);
}
