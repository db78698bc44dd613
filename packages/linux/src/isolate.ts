/**
 * Calls what somebody handed in. What it throws becomes an uncaught exception of the process, as
 * from any event listener, but later: whoever is in the middle of something here can finish it.
 */
export function isolate(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
