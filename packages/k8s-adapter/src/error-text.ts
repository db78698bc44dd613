/** What an error says, in one line. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
