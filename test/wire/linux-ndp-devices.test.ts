import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { deviceKinds, type LinkDevice, linkDevices } from "./link-devices.ts";
import { groupOf, groupUsers, NdpAgent, traffic } from "./linux-ndp-agent.ts";

const ADDRESS = "2001:db8::99";
const OTHER_ADDRESS = "2001:db8::55";

suite("NDP port on a switch that snoops MLD", ["netns"], () => {
  let lab: Lab;
  let sw: LabNamespace;
  let client: LabNamespace;
  let hosts: readonly [LabNamespace, LabNamespace];

  beforeEach(async () => {
    lab = await Lab.create();
    const [first, second] = ["host", "other"];
    sw = await lab.namespace("sw");
    client = await lab.namespace("client");
    hosts = [await lab.namespace(first), await lab.namespace(second)];
    await sw.ip(["link add lan type bridge mcast_snooping 1 mcast_query_response_interval 100"]);
    await sw.ip(["link set dev lan type bridge mcast_querier 1", "link set dev lan up"]);
    for (const ns of [client, ...hosts]) {
      const addresses = ns === client ? ["2001:db8::1/64"] : [];
      await lab.link({ ns, name: "eth0", addresses }, { ns: sw, name: ns.name, bridge: "lan" });
    }
  });

  afterEach(() => lab.close());

  it("hears the solicitations that the switch sends to members only", async () => {
    const [agent, other] = [
      await NdpAgent.start(lab, hosts[0], "eth0"),
      await NdpAgent.start(lab, hosts[1], "eth0"),
    ];
    await agent.do({ type: "join", address: ADDRESS });
    await other.do({ type: "join", address: OTHER_ADDRESS });
    await until(async () => (await members()).length === 2, { timeoutMs: 10_000, what: "reports" });
    expect((await members()).sort()).toEqual(["host ff02::1:ff00:99", "other ff02::1:ff00:55"]);
    // As long as the switch has heard no querier it floods; its own counts after a query's time.
    await until(
      async () => {
        const before = [agent.seen().length, other.seen().length];
        await solicit(ADDRESS);
        await solicit(OTHER_ADDRESS);
        const seen = [agent.seen().slice(before[0]), other.seen().slice(before[1])];
        return `${seen}` === "135 99 group,135 55 group";
      },
      { timeoutMs: 10_000, what: "solicitations to members only" },
    );
    await agent.do({ type: "leave", address: ADDRESS });
    await until(async () => !(await members()).some((line) => line.startsWith("host")), {
      timeoutMs: 10_000,
      what: "the switch to forget",
    });
  });

  const members = async (): Promise<string[]> => {
    const { stdout } = await sw.exec("bridge", ["mdb", "show", "dev", "lan"]);
    const entries = stdout.matchAll(/port (\S+) grp (ff02::1:ff00:(?:99|55)) /g);
    return [...entries].map(([, port, group]) => `${port} ${group}`);
  };

  const solicit = async (address: string): Promise<void> => {
    await client.ip(["neighbour flush dev eth0"]);
    await reach(client, address);
  };
});

suite("NDP port on a device upon another", ["netns"], () => {
  let lab: Lab;
  let client: LabNamespace;
  let host: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    [client, host] = [await lab.namespace("client"), await lab.namespace("host")];
    await lab.link({ ns: client, name: "eth0" }, { ns: host, name: "eth0" });
  });

  afterEach(() => lab.close());

  const setUp = async ({ name, commands, clientName }: LinkDevice): Promise<void> => {
    await host.ip([...commands, `link set dev ${name} up`]);
    if (clientName === name) await client.ip([...commands, `link set dev ${name} up`]);
    await client.ip([`address add 2001:db8::1/64 dev ${clientName}`]);
  };

  it.each(deviceKinds)("answers on a %s, and not on what it is made of", async (kind) => {
    const device = linkDevices[kind];
    await setUp(device);
    const [agent, lower] = [
      await NdpAgent.start(lab, host, device.name),
      await NdpAgent.start(lab, host, "eth0"),
    ];
    await agent.do({ type: "join", address: ADDRESS });
    await lower.do({ type: "join", address: OTHER_ADDRESS });
    await until(async () => (await groupUsers(host, "eth0")).has(groupOf("000055")), {
      timeoutMs: 5_000,
      what: "the lower device's group",
    });
    await reach(client, ADDRESS);
    const { stdout } = await host.exec("ip", ["-o", "link", "show", "dev", device.name]);
    const mac = /link\/ether (\S+)/.exec(stdout)?.[1];
    const { stdout: neighbour } = await client.exec("ip", ["neighbour", "show", ADDRESS]);
    expect(neighbour).toContain(`lladdr ${mac} `);
    if (!device.takesFrames) return;
    await traffic(client, OTHER_ADDRESS);
    await agent.do({ type: "join", address: OTHER_ADDRESS });
    await reach(client, OTHER_ADDRESS);
    expect(await lower.report()).toMatchObject({ received: 0, isUp: true });
  });

  const filtering = deviceKinds.filter((kind) => kind === "macvlan");

  it.each(filtering)("needs its groups on a %s, which filters", async (kind) => {
    await setUp(linkDevices[kind]);
    const agent = await NdpAgent.start(lab, host, "mac0");
    // A filter of 256 bits lets one or the other pass by chance.
    const labels = ["11", "22", "33", "44", "66", "77", "88", "aa"];
    await agent.report();
    for (const label of labels) await traffic(client, `2001:db8::${label}`);
    await agent.do({ type: "join", address: ADDRESS });
    await reach(client, ADDRESS);
    const before = new Set(agent.seen());
    expect(before.size).toBeLessThan(labels.length);
    for (const label of labels) await agent.do({ type: "join", address: `2001:db8::${label}` });
    for (const label of labels) await reach(client, `2001:db8::${label}`);
  });
});

/** Waits until the namespace has found the address. */
async function reach(ns: LabNamespace, address: string): Promise<void> {
  await until(
    async () => {
      await traffic(ns, address);
      const { stdout } = await ns.exec("ip", ["neighbour", "show", address]);
      return stdout.includes("REACHABLE");
    },
    { timeoutMs: 10_000, what: `${address} to be found` },
  );
}
