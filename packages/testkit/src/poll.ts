/** How {@link until} waits. */
export interface UntilOptions {
  /** When to give up. */
  readonly timeoutMs: number;
  /** Between the end of one look and the next; defaults to 50. */
  readonly intervalMs?: number;
  /** What is waited for, in words that complete "waiting for …". */
  readonly what: string;
}

/**
 * Looks again and again until `condition` is truthy, and returns what it was. A condition that
 * throws or rejects is not met yet, and its message is what was seen. It is looked at once at least.
 *
 * @throws {Error} when the time is over, saying what was waited for and what the last look saw.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<NonNullable<T>> {
  const { timeoutMs, intervalMs = 50, what } = options;
  const end = performance.now() + timeoutMs;
  let seen = "nothing: the first look did not return";
  for (;;) {
    const look = await withinTime(observe(condition), end);
    if (look?.met) return look.value;
    if (look !== undefined) seen = look.seen;
    const leftMs = end - performance.now();
    if (leftMs <= 0) {
      throw new Error(`timed out after ${timeoutMs} ms waiting for ${what}; last seen: ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(intervalMs, leftMs)));
  }
}

type Look<T> =
  | { readonly met: true; readonly value: NonNullable<T> }
  | { readonly met: false; readonly seen: string };

async function observe<T>(condition: () => T | Promise<T>): Promise<Look<T>> {
  try {
    const value = await condition();
    return value ? { met: true, value } : { met: false, seen: String(value) };
  } catch (error) {
    return { met: false, seen: error instanceof Error ? error.message : String(error) };
  }
}

/** The look, or undefined when the time is over first: a condition may hang. */
async function withinTime<T>(look: Promise<Look<T>>, end: number): Promise<Look<T> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(1, end - performance.now()));
  });
  try {
    return await Promise.race([look, over]);
  } finally {
    clearTimeout(timer);
  }
}
