import { afterEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { OwnershipLab } from "./ownership-lab.ts";

// Both are spoken to all nodes of the LAN.
const GROUPS = ["ip daddr 224.0.0.254", "ip6 daddr ff02::114"];

suite("speakers that are told how to settle who answers", ["netns", "nft"], () => {
  let lab: OwnershipLab | undefined;

  afterEach(() => lab?.close());

  /** Cuts the power of a node, and gives it back. @returns who answered meanwhile. */
  const powerCycle = async (name: string, gaps: number[]): Promise<string> => {
    if (lab === undefined) throw new Error("there is no lab");
    lab.speaker(name).kill("SIGKILL");
    await lab.lan.setLink(name, "down");
    const second = await lab.otherThan(name, gaps);
    await lab.lan.setLink(name, "up");
    lab.start(name);
    await lab.live(name, second);
    return second;
  };

  it("--ownership hash: as fast, and the address goes back to the node that returns", async () => {
    lab = await OwnershipLab.create({ flags: ["--ownership", "hash"] });
    const first = await lab.owner();
    const gaps: number[] = [];
    const second = await powerCycle(first, gaps);
    expect(Math.max(...gaps)).toBeLessThan(1_000);
    expect(await lab.otherThan(second)).toBe(first);
    expect(await lab.round()).toEqual(
      expect.objectContaining({ "10.77.0.64": expect.objectContaining({ lost: 0 }) }),
    );
  });

  it("--hello-unicast: they hear each other where no multicast passes", async () => {
    const filter = [
      "table inet filter { chain out { type filter hook output priority 0;",
      ...GROUPS.map((group) => `${group} counter drop;`),
      "}",
      "}",
    ].join("\n");
    lab = await OwnershipLab.create({
      speakerFlags: ["--hello-unicast"],
      prepare: async (node) => {
        await node.exec("nft", ["-f", "-"], { input: filter });
      },
    });
    const first = await lab.owner();
    const gaps: number[] = [];
    const second = await powerCycle(first, gaps);
    expect(Math.max(...gaps)).toBeLessThan(1_000);
    // Nobody tried to speak to the groups, nor did the address go back.
    expect(await lab.owner()).toBe(second);
    for (const node of lab.hosts.values()) {
      const { stdout } = await node.exec("nft", ["list", "ruleset"]);
      expect(stdout.match(/packets 0 /g)).toHaveLength(GROUPS.length);
    }
  });
});
