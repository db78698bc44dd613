/**
 * Why something failed, in a few words for whoever reads the log: `connection refused`. Of errors
 * without a code, their message.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return REASONS[code] ?? error.message;
}

/** Calls, and has what it throws begin with the option that was at fault: `device eth7: …`. */
export function blame<T>(option: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new Error(`${option}: ${reasonOf(error)}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "not permitted",
  EADDRINUSE: "address in use",
  EADDRNOTAVAIL: "address not available",
  EAFNOSUPPORT: "address family not supported by this system",
  ECONNABORTED: "connection aborted",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by the peer",
  EHOSTUNREACH: "no route to host",
  EMFILE: "out of file descriptors",
  ENETDOWN: "network is down",
  ENETUNREACH: "network is unreachable",
  ENFILE: "out of file descriptors on this machine",
  ENODEV: "no such interface",
  ENOPROTOOPT: "not supported by this system",
  EOPNOTSUPP: "not supported by this system",
  EPERM: "not permitted",
  EPIPE: "connection closed by the peer",
  ETIMEDOUT: "timed out",
};
