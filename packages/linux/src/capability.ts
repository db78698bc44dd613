import { readFileSync } from "node:fs";
import { SystemCallError } from "./libc.ts";

/** What a process must be allowed to do, as capabilities(7) names it. */
export type Capability = "CAP_NET_RAW" | "CAP_NET_BIND_SERVICE";

/** The system refused because the process lacks a capability; the message tells how to grant it. */
export class MissingCapabilityError extends Error {
  override readonly name = "MissingCapabilityError";
  readonly capability: Capability;

  /** @param purpose what it was needed for, such as `an ARP socket on eth0`. */
  constructor(capability: Capability, purpose: string, cause: SystemCallError) {
    super(`${purpose} needs ${capability}, ${diagnose(capability)} (${cause.message})`, { cause });
    this.capability = capability;
  }
}

/** Calls, and explains a refusal as the missing capability that it is. */
export function withCapability<T>(capability: Capability, purpose: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const refused =
      error instanceof SystemCallError && (error.code === "EPERM" || error.code === "EACCES");
    throw refused ? new MissingCapabilityError(capability, purpose, error) : error;
  }
}

function diagnose(capability: Capability): string {
  const name = capability.toLowerCase();
  const short = capability.replace(/^CAP_/, "");
  if (isEffective(capability)) {
    return (
      "which this process has; so either the network namespace belongs to another user namespace, " +
      "or a security policy (seccomp, SELinux, AppArmor) forbids it"
    );
  }
  return (
    "which this process lacks. Run it as root, " +
    `or grant it to the program: setcap ${name}+ep ${process.execPath}, ` +
    `or in Kubernetes: securityContext: {runAsUser: 0, capabilities: {add: [${short}]}}`
  );
}

function isEffective(capability: Capability): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(threadStatus())?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BITS[capability]) & 1n) === 1n;
}

function threadStatus(): string {
  try {
    return readFileSync("/proc/thread-self/status", "utf8");
  } catch {
    // A sandbox without /proc: the explanation is a little less exact.
    return "";
  }
}

const BITS: Readonly<Record<Capability, bigint>> = {
  CAP_NET_BIND_SERVICE: 10n,
  CAP_NET_RAW: 13n,
};
