// A suite that is skipped says why in its name, and the reporter reads it there: the name is the one
// thing that gets from a test file to the reporter in whatever pool the file ran.

/** The suite's name with the reason for skipping it. */
export function markSkipped(name: string, reason: string): string {
  return `${name} [skipped: ${reason}]`;
}

/** The reason that {@link markSkipped} wrote; undefined when there is none. */
export function skipReason(name: string): string | undefined {
  return name.match(MARK)?.[1];
}

/** The name as it was before {@link markSkipped}. */
export function withoutMark(name: string): string {
  return name.replace(MARK, "");
}

const MARK = / \[skipped: (.*)\]$/;
