/**
 * As `Promise.all`, but it is over only when the last task is: whoever takes a lab down after a
 * failure must not race with what still goes on in it.
 */
export async function allDone<T extends readonly Promise<unknown>[]>(
  ...tasks: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}
