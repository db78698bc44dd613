import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { type Family, Layer2Agent } from "./layer2-agent.ts";

const ADDRESS = { arp: "10.77.0.99", ndp: "fd77::99" } as const satisfies Record<Family, string>;
const program = fileURLToPath(new URL("./layer2-traffic.mjs", import.meta.url));

suite("while the interface changes under traffic", ["netns", "arping", "ndisc6"], () => {
  describe.each<Family>(["arp", "ndp"])("%s", responder);
});

/** The same for both: what is different is how to ask. */
function responder(family: Family): void {
  const address = ADDRESS[family];
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;
  let traffic: LabProcess;

  beforeEach(async () => {
    lab = await Lab.create();
    node = await lab.namespace("n1");
    client = await lab.namespace("c1");
    // The road back.
    await node.sysctl("net/ipv6/conf/all/keep_addr_on_down", 1);
    // The kernel does not answer solicitations for what is on another interface; nor ARP, if told so.
    await node.ip([`address add ${address} dev lo${family === "ndp" ? " nodad" : ""}`]);
    await node.sysctl("net.ipv4.conf.all.arp_ignore", 1);
    await cable("02:77:00:00:00:0a");
    await Layer2Agent.start(node, family, address);
    const echo = node.spawn(process.execPath, [program, "echo", address]);
    await echo.waitForLine(/ready/, 10_000);
    traffic = client.spawn(process.execPath, [program, "send", address]);
    await flows();
  });

  afterEach(() => lab.close());

  const cable = (mac: string) =>
    lab.link(
      { ns: node, name: "eth0", mac, addresses: ["10.77.0.1/24", "fd77::1/64"] },
      { ns: client, name: "eth0", addresses: ["10.77.0.2/24", "fd77::2/64"] },
    );

  /** Datagrams that were sent a while after this call come back. */
  const flows = () => {
    const last = () => Number(traffic.lines.at(-1) ?? 0);
    const before = last();
    return until(() => last() >= before + 60, { timeoutMs: 15_000, what: "traffic to flow" });
  };

  const stops = () => {
    let before: string | undefined;
    const look = () => {
      const last = traffic.lines.at(-1);
      const hasStopped = last === before;
      before = last;
      return hasStopped;
    };
    return until(look, { timeoutMs: 10_000, intervalMs: 300, what: "traffic to stop" });
  };

  const ask = () => {
    const [command, ...args] = {
      arp: ["arping", "-r", "-c", "1", "-w", "1", "-i", "eth0", address],
      ndp: ["ndisc6", "-1", "-r", "1", "-w", "1000", address, "eth0"],
    }[family] as [string, ...string[]];
    return client.exec(command, args, { allowFailure: true });
  };

  /** Who the client's kernel thinks has the address, and who says so when it is asked. */
  const isAt = async (mac: string) => {
    const { stdout: entry } = await client.exec("ip", ["neighbour", "show", address]);
    expect(entry).toContain(`lladdr ${mac}`);
    expect((await ask()).stdout.toLowerCase()).toContain(mac);
  };

  it("answers again when it was taken down and up", async () => {
    await node.setLink("eth0", "down");
    await stops();
    await node.setLink("eth0", "up");
    await flows();
    await isAt("02:77:00:00:00:0a");
  });

  it("answers again when it was deleted and made anew", async () => {
    await node.ip(["link delete dev eth0"]);
    await stops();
    await cable("02:77:00:00:00:0b");
    await flows();
    await isAt("02:77:00:00:00:0b");
  });

  it("follows the name when it is renamed, and renamed back", async () => {
    await node.ip(["link set dev eth0 name away"]);
    await until(async () => (await ask()).code !== 0, { timeoutMs: 5_000, what: "silence" });
    await node.ip(["link set dev away name eth0"]);
    await client.ip(["neighbour flush dev eth0"]);
    await flows();
    await isAt("02:77:00:00:00:0a");
  });

  it("tells the neighbours when its hardware address changes", async () => {
    await node.ip(["link set dev eth0 address 02:77:00:00:00:0c"]);
    await flows();
    await isAt("02:77:00:00:00:0c");
  });
}
