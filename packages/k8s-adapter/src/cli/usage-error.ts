/** The command line or the environment is wrong: one sentence that names what and its value. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
