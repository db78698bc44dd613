// A program that runs a lab with one process in it and prints what there is. It keeps the lab and
// ends when it is given the name of a state file, and runs until it is killed otherwise.
import { join } from "node:path";
import { Lab } from "@ingot/testkit";

const [stateFile] = process.argv.slice(2);
const lab = await Lab.create();
const [host, other] = await Promise.all([lab.namespace("host"), lab.namespace("other")]);
await lab.link(
  { ns: host, name: "eth0", addresses: ["192.0.2.1/24", "2001:db8::1/64"] },
  { ns: other, name: "eth0", addresses: ["192.0.2.2/24", "2001:db8::2/64"] },
);
const logFile = join(lab.directory, "sleeper.log");
// The shell's child is not known to the lab by its pid.
const shell = host.spawn("sh", ["-c", "sleep 300 & echo $!; wait"], { logFile });
const sleeper = Number(await shell.waitForLine(/^\d+$/, 5_000));
const addresses = await other.exec("ip", ["-brief", "address", "show", "dev", "eth0"]);
if (stateFile !== undefined) await lab.keep(stateFile);
const { directory } = lab;
const report = { path: host.path, directory, pids: [shell.pid, sleeper], said: addresses.stdout };
console.log(JSON.stringify(report));
