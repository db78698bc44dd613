import { spawnSync } from "node:child_process";

/** A device on top of `eth0` of a host, whose `eth0` has a cable to a client's. */
export interface LinkDevice {
  readonly name: string;
  readonly commands: readonly string[];
  /** Whether it takes all frames away from eth0. */
  readonly takesFrames: boolean;
  /** Where the client has its address; it has the same device when the name is the same. */
  readonly clientName: string;
}

/** Which of them there are. */
export type DeviceKind = "bridge" | "bond" | "vlan" | "macvlan";

/** All of them, by kind as `ip link` names it. */
export const linkDevices: Readonly<Record<DeviceKind, LinkDevice>> = {
  bridge: {
    name: "br0",
    commands: ["link add name br0 type bridge", "link set dev eth0 master br0"],
    takesFrames: true,
    clientName: "eth0",
  },
  bond: {
    name: "bond0",
    commands: [
      "link add name bond0 type bond mode active-backup miimon 50",
      "link set dev eth0 down",
      "link set dev eth0 master bond0",
    ],
    takesFrames: true,
    clientName: "eth0",
  },
  vlan: {
    name: "eth0.7",
    commands: ["link add link eth0 name eth0.7 type vlan id 7"],
    takesFrames: true,
    clientName: "eth0.7",
  },
  macvlan: {
    name: "mac0",
    commands: ["link add link eth0 name mac0 type macvlan mode bridge"],
    takesFrames: false,
    clientName: "eth0",
  },
};

/** Those of this kernel. For the others there is no test: a skipped one would fail the whole run. */
export const deviceKinds: readonly DeviceKind[] = (Object.keys(linkDevices) as DeviceKind[]).filter(
  (kind) => {
    const has = kernelHas(kind);
    if (!has) console.info(`not tested, as this kernel has no such device: ${kind}`);
    return has;
  },
);

/** A kernel without it says so before anything else that may be wrong with the command. */
function kernelHas(kind: string): boolean {
  const unshare = process.getuid?.() === 0 ? "-n" : "-Urn";
  const command = ["ip", "link", "add", "name", "probe", "type", kind];
  const { stderr } = spawnSync("unshare", [unshare, "--", ...command], { encoding: "utf8" });
  return !stderr.includes("Unknown device type");
}
