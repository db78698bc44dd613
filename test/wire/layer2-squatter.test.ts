import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { type AgentEvent, type Family, Layer2Agent, now } from "./layer2-agent.ts";

const ADDRESS = { arp: "10.77.0.99", ndp: "fd77::99" } as const satisfies Record<Family, string>;
const PREFIX = { arp: `${ADDRESS.arp}/24`, ndp: `${ADDRESS.ndp}/64` } as const;
const MAC = "02:77:00:00:00:0a";
const SQUATTER_MAC = "02:77:00:00:00:0b";

suite("a host whose kernel has the address", ["netns", "arping", "ndisc6", "tcpdump"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let squatter: LabNamespace;
  let client: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    const lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    [node, squatter, client] = [
      await lab.namespace("node"),
      await lab.namespace("squatter"),
      await lab.namespace("client"),
    ];
    const join = (ns: LabNamespace, end: { mac?: string; addresses?: readonly string[] }) =>
      lab.link({ ns, name: "eth0", ...end }, { ns: lan, name: ns.name, bridge: "br0" });
    await join(node, { mac: MAC });
    await join(squatter, { mac: SQUATTER_MAC });
    await join(client, { addresses: ["10.77.0.2/24", "fd77::2/64"] });
    // It takes what it is given without asking, and says that it has it.
    await squatter.sysctl("net/ipv6/conf/eth0/accept_dad", 0);
    await squatter.sysctl("net/ipv6/conf/eth0/ndisc_notify", 1);
  });

  afterEach(() => lab.close());

  const take = (family: Family) => squatter.ip([`address add ${PREFIX[family]} dev eth0`]);
  const release = (family: Family) => squatter.ip([`address delete ${PREFIX[family]} dev eth0`]);

  /** Tells the segment that the squatter has the address; for IPv6 the kernel does, by itself. */
  const claim = async (family: Family) => {
    await take(family);
    if (family === "arp") await squatter.exec("arping", [...CLAIM, "-c", "1"], TOLERANT);
  };

  /** Those who answer, once each. */
  const whoAnswers = async (family: Family) => {
    const [program, ...args] = ASK[family];
    const { stdout } = await client.exec(program, args, { allowFailure: true });
    return [...new Set(stdout.toLowerCase().match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g))];
  };

  const names = ({ events }: Layer2Agent): readonly AgentEvent["event"][] =>
    events.map(({ event }) => event);

  const announced = async (family: Family, options: object = {}) => {
    const once = { gratuitousForMs: 0, unsolicitedForMs: 0 };
    const agent = await Layer2Agent.start(node, family, ADDRESS[family], { ...once, ...options });
    await agent.event("claimed");
    await until(async () => (await whoAnswers(family)).includes(MAC), {
      timeoutMs: 5_000,
      what: "an answer",
    });
    return agent;
  };

  describe.each<Family>(["arp", "ndp"])("%s", (family) => {
    it("is found by asking, and left in peace", async () => {
      await take(family);
      const agent = await Layer2Agent.start(node, family, ADDRESS[family], ASKING);
      const conflict = await agent.event("conflict");
      expect(conflict).toMatchObject({ mac: SQUATTER_MAC, during: "probe", isKept: false });
      expect(await whoAnswers(family)).toEqual([SQUATTER_MAC]);
      expect(names(agent)).not.toContain("claimed");
    });

    it("is noticed within a second when it takes the address later", async () => {
      const agent = await announced(family);
      const before = now();
      await claim(family);
      const conflict = await agent.event("conflict");
      expect(conflict).toMatchObject({ mac: SQUATTER_MAC, during: "claim", isKept: true });
      expect(conflict.at - before).toBeLessThan(1_000);
      expect(await whoAnswers(family)).toContain(MAC);
    });

    it("is found though it was there before and is silent, and what neighbours know stays", async () => {
      await take(family);
      const options = { checkMs: 1_000, defend: "report", gratuitousForMs: 0, unsolicitedForMs: 0 };
      const agent = await Layer2Agent.start(node, family, ADDRESS[family], options);
      await agent.event("claimed");
      await client.ip([`neighbour replace ${ADDRESS[family]} lladdr ${MAC} dev eth0 nud stale`]);
      const conflict = await agent.event("conflict");
      expect(conflict).toMatchObject({ mac: SQUATTER_MAC, during: "claim", isKept: true });
      const { stdout } = await client.exec("ip", ["neighbour", "show", ADDRESS[family]]);
      expect(stdout).toContain(`lladdr ${MAC} `);
    });

    it("is contradicted at most once in ten seconds, however often it says so", async () => {
      const agent = await announced(family, { defend: "always" });
      const filter = {
        arp: "arp and ether broadcast",
        ndp: "ip6[40] == 136 and ip6[62:2] == 0x99",
      }[family];
      const args = ["-nn", "-tt", "-l", "--immediate-mode", "-i", "eth0"];
      const dump = client.spawn("tcpdump", [...args, `ether src ${MAC} and ${filter}`]);
      await dump.waitForLine(/listening on/, 10_000);
      const storm = squatter.spawn("sh", ["-c", STORM[family]]);
      const defences = () =>
        dump.lines.filter((line) => line.includes(ADDRESS[family])).map(Number.parseFloat);
      const times = await until(() => (defences().length >= 2 ? defences() : undefined), {
        timeoutMs: 20_000,
        what: "a second defence",
      });
      await storm.stop();
      expect(times).toHaveLength(2);
      // Less the time that the first may have waited for the processor.
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(9.9);
      expect((await agent.counters())?.["conflicts"]).toBeGreaterThan(20);
    });

    it("is succeeded when it lets go", async () => {
      await take(family);
      const agent = await Layer2Agent.start(node, family, ADDRESS[family], ASKING);
      await agent.event("conflict");
      await release(family);
      await agent.event("resumed");
      expect(await whoAnswers(family)).toEqual([MAC]);
      expect(names(agent)).not.toContain("claimed");
    });
  });

  it("finds out as it asks that an IPv6 address is taken, and claims nothing", async () => {
    await squatter.sysctl("net/ipv6/conf/eth0/accept_dad", 1);
    const agent = await announced("ndp");
    await take("ndp");
    const addresses = async () =>
      (await squatter.exec("ip", ["-6", "address", "show", "dev", "eth0"])).stdout;
    await until(async () => (await addresses()).includes("dadfailed"), {
      timeoutMs: 5_000,
      what: "duplicate address detection to fail",
    });
    expect(await whoAnswers("ndp")).toEqual([MAC]);
    expect(names(agent)).not.toContain("conflict");
  });
});

/** RFC 5227's order in a fraction of its time. */
const ASKING = {
  probe: "first",
  probeWaitMs: 100,
  probeMinMs: 100,
  probeMaxMs: 200,
  announceWaitMs: 200,
  retryMs: 500,
} as const;

/** Nobody answers an announcement. */
const TOLERANT = { allowFailure: true } as const;
const CLAIM = ["-U", "-W", "0.2", "-S", ADDRESS.arp, "-i", "eth0", ADDRESS.arp] as const;
const STORM = {
  arp: `arping ${CLAIM.join(" ")} -c 200`,
  ndp: `while :; do
    ip address add ${PREFIX.ndp} dev eth0
    sleep 0.2
    ip address delete ${PREFIX.ndp} dev eth0
  done`,
} as const satisfies Record<Family, string>;
const ASK = {
  arp: ["arping", "-r", "-c", "2", "-W", "0.2", "-i", "eth0", ADDRESS.arp],
  ndp: ["ndisc6", "-m", "-r", "1", "-w", "500", ADDRESS.ndp, "eth0"],
} as const satisfies Record<Family, readonly string[]>;
