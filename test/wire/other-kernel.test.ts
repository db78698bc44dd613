import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const script = fileURLToPath(new URL("../../scripts/other-kernel.sh", import.meta.url));
const FILES = ["test/wire/linux-arp-devices.test.ts", "test/wire/linux-ndp-devices.test.ts"];

// Which this machine's kernel may not have; where it has them they are tried on it, too.
suite("bonds and VLANs, on a kernel that has them", ["netns", "linux.uml", "modprobe"], () => {
  it("have the frames that are theirs, what they are made of has not, and a bond fails over", async () => {
    const args = [...FILES, "-t", "a (bond uses|bond,|vlan,)"];
    const output = await new Promise<string>((resolve) => {
      execFile(script, args, { timeout: 270_000 }, (_, stdout, stderr) =>
        resolve(`${stdout}\n${stderr}`),
      );
    });
    // Each of them by either protocol, and a bond that fails over. What was left out by its name counts
    // as skipped.
    expect(output).toMatch(/^5 passed, 0 failed, /m);
  }, 280_000);
});
