// Outlives the process that runs a lab, and takes the lab down when that process is gone.
//
// It is started with a pipe as its input and told, one JSON object a line, what the lab has:
//   { "process": pid, "startTime": "…" }            as /proc/PID/stat gives it, against reused pids
//   { "claim": name }                               about to be made by `ip netns add`,
//   { "disclaim": name }                            which failed
//   { "namespace": path, "inode": n, "name"?: … }   made, and with that name in the former case
//   { "directory": path }
//   { "keep": true }                                leave everything as it is
// The pipe closes when the other end is done or has died, by whatever cause. Then everything that
// was told is killed and deleted, and the exit code says whether that succeeded. It is plain
// JavaScript, because it is run by itself, from the sources as well as from a build.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

// A terminal or a job's end signals whole groups; the pipe alone decides here.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
process.stderr.on("error", () => {});

const told = [];
try {
  for await (const line of createInterface({ input: process.stdin })) told.push(JSON.parse(line));
} catch {
  // A pipe that breaks, or a line cut off by a death, is an end like any other.
}
if (!told.some((entry) => entry.keep)) {
  const failures = await sweep();
  if (failures.length > 0) {
    process.stderr.write(failures.join("\n"));
    process.exitCode = 1;
  }
}

async function sweep() {
  const failures = [];
  const namespaces = told.filter(isStillOurs);
  const inodes = new Set(namespaces.map(({ inode }) => inode));
  // Never this process's own namespace, whatever it was told.
  inodes.delete(inodeOf("/proc/self/ns/net"));
  const processes = told.filter((entry) => entry.process !== undefined);
  const alive = () => [
    ...processes.filter((entry) => startTime(entry.process) === entry.startTime),
    ...processesIn(inodes),
  ];
  const end = Date.now() + 5_000;
  for (let rest = alive(); rest.length > 0; rest = alive()) {
    if (Date.now() > end) {
      failures.push(`processes survive SIGKILL: ${rest.map((entry) => entry.process).join(" ")}`);
      break;
    }
    for (const entry of rest) kill(entry.process);
    await delay(5);
  }

  const names = [...namespaces.flatMap(({ name }) => name ?? []), ...unsettledClaims()];
  if (names.length > 0) {
    const input = names.map((name) => `netns del ${name}\n`).join("");
    const { status, stderr } = spawnSync("ip", ["-force", "-batch", "-"], {
      input,
      encoding: "utf8",
    });
    if (status !== 0) failures.push(`ip netns del ${names.join(" ")}: ${stderr}`);
  }
  for (const { directory } of told.filter((entry) => entry.directory !== undefined)) {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch (error) {
      failures.push(`rm -r ${directory}: ${error.message}`);
    }
  }
  return failures;
}

/** A namespace may have been deleted by hand, and its path or inode given to another since. */
function isStillOurs({ namespace, inode }) {
  return namespace !== undefined && inodeOf(namespace) === inode;
}

/** Namespaces in whose making the other end died. */
function unsettledClaims() {
  const settled = new Set(told.map(({ name, disclaim }) => name ?? disclaim));
  return told
    .flatMap(({ claim }) => claim ?? [])
    .filter((name) => !settled.has(name) && existsSync(`/run/netns/${name}`));
}

function processesIn(inodes) {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && inodes.has(inodeOf(`/proc/${entry}/ns/net`)))
    .map((pid) => ({ process: Number(pid) }));
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended, or is not ours to kill, which the next look will tell.
  }
}

function inodeOf(path) {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

/** Undefined for a process that is gone, a zombie included: its parent may be slow to bury it. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
