import { spawnSync } from "node:child_process";
import { labObstacles, type Obstacle } from "./lab/obstacle.ts";
import { findProgram, isExecutable, testbedBinary } from "./programs.ts";

/**
 * Something a test cannot do without: `netns` the {@link Lab}, `userns` user namespaces for anyone,
 * `testbed` the Kubernetes programs, and otherwise a program of that name.
 */
export type Need =
  | "netns"
  | "userns"
  | "arping"
  | "ndisc6"
  | "tcpdump"
  | "gcc"
  | "nft"
  | "curl"
  | "setpriv"
  | "linux.uml"
  | "modprobe"
  | "bird"
  | "frr"
  | "gobgpd"
  | "exabgp"
  | "testbed";

/**
 * Why something that needs all this cannot run here, and the command that changes it, such as
 * `needs arping, nft: npm run setup:peers`; undefined when it can.
 */
export function missing(needs: readonly Need[]): string | undefined {
  const byCure = new Map<string, string[]>();
  for (const { what, cure } of needs.flatMap(obstacles)) {
    byCure.set(cure, [...(byCure.get(cure) ?? []), what]);
  }
  if (byCure.size === 0) return undefined;
  return [...byCure].map(([cure, whats]) => `needs ${whats.join(", ")}: ${cure}`).join("; ");
}

function obstacles(need: Need): readonly Obstacle[] {
  switch (need) {
    case "netns":
      return labObstacles();
    case "userns":
      return userNamespaceObstacles();
    case "testbed":
      return TESTBED.filter((name) => !isExecutable(testbedBinary(name))).map(fromPeers);
    case "frr":
      return isExecutable("/usr/lib/frr/bgpd") ? [] : [fromPeers(need)];
    default:
      return findProgram(need) === undefined ? [fromPeers(need)] : [];
  }
}

function fromPeers(what: string): Obstacle {
  return { what, cure: "npm run setup:peers" };
}

function userNamespaceObstacles(): readonly Obstacle[] {
  const { status } = spawnSync("unshare", ["-Urnm", "--", "true"], { timeout: 5_000 });
  return status === 0
    ? []
    : [{ what: "user namespaces", cure: "sysctl user.max_user_namespaces=15000" }];
}

const TESTBED = ["etcd", "kube-apiserver", "kube-proxy", "kubectl"] as const;
