/** How an operator's command tells what it does, and how it ends. */
export interface Report {
  /** One line of what was done, or is to be known. */
  readonly say: (line: string) => void;
  /** One line of what went wrong. */
  readonly warn: (line: string) => void;
}

/** Milliseconds as seconds with two digits. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** A list for a sentence: the first few, and how many more. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

const SHOWN = 10;
