import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { Layer2Agent } from "./layer2-agent.ts";

const ADDRESS = "fd77::99";
const program = fileURLToPath(new URL("./layer2-traffic.mjs", import.meta.url));

suite("NDP while the interface changes under traffic", ["netns", "ndisc6"], () => {
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
    // The kernel does not answer solicitations for what is on another interface.
    await node.ip([`address add ${ADDRESS}/128 dev lo nodad`]);
    await cable("02:77:00:00:00:0a");
    await Layer2Agent.start(node, "ndp", ADDRESS);
    const echo = node.spawn(process.execPath, [program, "echo", ADDRESS]);
    await echo.waitForLine(/ready/, 10_000);
    traffic = client.spawn(process.execPath, [program, "send", ADDRESS]);
    await flows();
  });

  afterEach(() => lab.close());

  const cable = (mac: string) =>
    lab.link(
      { ns: node, name: "eth0", mac, addresses: ["fd77::1/64"] },
      { ns: client, name: "eth0", addresses: ["fd77::2/64"] },
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

  /** Who the client's kernel thinks has the address, and who says so when it is asked. */
  const isAt = async (mac: string) => {
    const { stdout: entry } = await client.exec("ip", ["-6", "neighbour", "show", ADDRESS]);
    expect(entry).toContain(`lladdr ${mac}`);
    const { stdout } = await client.exec("ndisc6", ["-1", "-w", "1000", ADDRESS, "eth0"]);
    expect(stdout.toLowerCase()).toContain(mac);
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
    const ask = ["-1", "-r", "1", "-w", "300", ADDRESS, "eth0"];
    await until(async () => (await client.exec("ndisc6", ask, { allowFailure: true })).code !== 0, {
      timeoutMs: 5_000,
      what: "silence",
    });
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
});
