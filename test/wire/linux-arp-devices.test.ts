import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { deviceKinds, linkDevices } from "./link-devices.ts";

const program = fileURLToPath(new URL("./linux-answer.mjs", import.meta.url));
const ADDRESS = "10.77.0.99";

suite("ARP port on a device upon another", ["netns", "arping"], () => {
  let lab: Lab;
  let client: LabNamespace;
  let host: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    [client, host] = [await lab.namespace("client"), await lab.namespace("host")];
    await lab.link({ ns: client, name: "eth0" }, { ns: host, name: "eth0" });
  });

  afterEach(() => lab.close());

  const start = async (name: string): Promise<LabProcess> => {
    const agent = host.spawn(process.execPath, [program, name, ADDRESS]);
    await agent.waitForLine(/^up /, 10_000);
    return agent;
  };

  const received = async (agent: LabProcess): Promise<number> => {
    const before = agent.lines.length;
    agent.kill("SIGUSR1");
    const find = () => agent.lines.slice(before).find((line) => line.startsWith("report "));
    const line = await until(find, { timeoutMs: 5_000, what: "a report" });
    return (JSON.parse(line.slice("report ".length)) as { readonly received: number }).received;
  };

  it.each(deviceKinds)("answers on a %s, and not on what it is made of", async (kind) => {
    const { name, commands, takesFrames, clientName } = linkDevices[kind];
    await host.ip([...commands, `link set dev ${name} up`, "link set dev eth0 up"]);
    if (clientName === name) await client.ip([...commands, `link set dev ${name} up`]);
    await client.ip([`address add 10.77.0.1/24 dev ${clientName}`]);
    const [lower, upper] = [await start("eth0"), await start(name)];
    const { stdout: link } = await host.exec("ip", ["-o", "link", "show", "dev", name]);
    const mac = /link\/ether (\S+)/.exec(link)?.[1];
    const ask = ["-r", "-c", "1", "-w", "0.5", "-i", clientName, ADDRESS];
    const answers = async (): Promise<readonly string[]> => {
      const { stdout } = await client.exec("arping", ask, { allowFailure: true });
      return stdout.trim().split("\n").sort();
    };
    await until(async () => (await answers()).includes(mac ?? "none"), {
      timeoutMs: 10_000,
      what: `an answer from ${mac}`,
    });
    if (takesFrames) expect(await answers()).toEqual([mac]);
    expect(await received(upper)).toBeGreaterThan(0);
    if (takesFrames) expect(await received(lower)).toBe(0);
  });

  const bonds = deviceKinds.filter((kind) => kind === "bond");

  it.each(bonds)("asks to announce again when a %s uses another of its ports", async (kind) => {
    const { name, commands } = linkDevices[kind];
    await lab.link({ ns: client, name: "eth1" }, { ns: host, name: "eth1" });
    const second = ["link set dev eth1 down", `link set dev eth1 master ${name}`];
    await host.ip([...commands, ...second, `link set dev ${name} up`]);
    const agent = await start(name);
    for (const [ups, port] of ["eth1", "eth0"].entries()) {
      // Refused until the bond has looked at the port's carrier, which it does every 50 ms.
      const choose = async () => {
        await host.ip([`link set dev ${name} type bond active_slave ${port}`]);
        return true;
      };
      await until(choose, { timeoutMs: 5_000, what: `${port} to be usable` });
      await agent.waitForLine(new RegExp(`^up ${ups + 2} `), 5_000);
    }
  });
});
