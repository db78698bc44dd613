import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** The program's path, searched as a shell would and in the sbin folders too; undefined if absent. */
export function findProgram(name: string): string | undefined {
  return searchPath()
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** `PATH` with the folders where `ip` and its like are: a plain user's often lacks them. */
export function searchPath(): string {
  const { PATH = "/usr/local/bin:/usr/bin:/bin" } = process.env;
  return [PATH, "/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);
}

/** The real Kubernetes programs that the tests talk to. */
export type TestbedProgram = "etcd" | "kube-apiserver" | "kube-proxy" | "kubectl";

/** Where `npm run setup:peers` puts a program of the testbed; it need not be there. */
export function testbedBinary(name: TestbedProgram): string {
  const { INGOT_CACHE, XDG_CACHE_HOME } = process.env;
  // As in a shell's ${X:-…}, an empty one counts for nothing.
  const cache = INGOT_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "ingot");
  return join(cache, "testbed", TESTBED, name);
}

/** Whether there is a file at `path` that this process may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The versions that `scripts/setup-peers.sh` builds, as it names their folder. */
const TESTBED = "kube-1.36.3-etcd-3.6.5";
