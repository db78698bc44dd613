import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { LabProcess } from "./process.ts";
import type { Reaper } from "./reaper.ts";
import { run } from "./run.ts";

/**
 * Makes a network namespace and returns its path. Root's get a name that `ip netns` knows. In a user
 * namespace /run/netns is someone else's, so there a sleeping process holds the namespace open.
 *
 * @throws {Error} when the name is taken, or the kernel refuses.
 */
export async function makeNamespace(
  fullName: string,
  reaper: Reaper,
): Promise<{ readonly path: string; readonly holder?: LabProcess }> {
  return ownsHost() ? await makeNamed(fullName, reaper) : await makeHeld(fullName, reaper);
}

async function makeNamed(name: string, reaper: Reaper): Promise<{ path: string }> {
  const path = `${FOLDER}/${name}`;
  // Looked at before it is claimed: what is claimed is deleted should this process die now.
  if (existsSync(path)) throw new Error(`the network namespace ${name} is there already`);
  reaper.tell({ claim: name });
  try {
    await run("ip", ["netns", "add", name]);
  } catch (error) {
    reaper.tell({ disclaim: name });
    throw error;
  }
  reaper.tellNamespace(path, name);
  await run("nsenter", [`--net=${path}`, "--", "sh", "-c", PREPARE]);
  return { path };
}

async function makeHeld(
  name: string,
  reaper: Reaper,
): Promise<{ path: string; holder: LabProcess }> {
  const script = `${PREPARE}echo ready\nexec sleep infinity <&- >&- 2>&-`;
  const title = `what holds ${name} open`;
  const holder = new LabProcess("unshare", ["--net", "--", "sh", "-c", script], {}, title);
  reaper.tellProcess(holder.pid);
  await holder.waitForLine(/^ready$/, 10_000);
  const path = `/proc/${holder.pid}/ns/net`;
  reaper.tellNamespace(path);
  return { path, holder };
}

/** Whether `ip netns` works here: this is no user namespace, and /run can be written to. */
function ownsHost(): boolean {
  const identity = readFileSync("/proc/self/uid_map", "latin1").trim().split(/\s+/);
  if (identity.join(" ") !== "0 0 4294967295") return false;
  try {
    accessSync(existsSync(FOLDER) ? FOLDER : "/run", constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const FOLDER = "/run/netns";

/**
 * A namespace starts with the host's IPv4 parameters, so they are set to the kernel's own defaults;
 * and without duplicate address detection, as IPv6 addresses are tentative for a second otherwise.
 */
const PREPARE = `
set -e
ip link set lo up
cd /proc/sys/net/ipv4
echo 0 > ip_forward
for conf in all default; do
  for key in rp_filter arp_ignore arp_announce arp_filter; do echo 0 > conf/$conf/$key; done
done
if cd /proc/sys/net/ipv6/conf 2>/dev/null; then
  for key in accept_dad disable_ipv6; do echo 0 > all/$key; echo 0 > default/$key; done
fi
`;
