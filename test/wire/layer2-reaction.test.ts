import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { type Family, Layer2Agent } from "./layer2-agent.ts";

const ADDRESS = { arp: "10.77.0.99", ndp: "fd77::99" } as const satisfies Record<Family, string>;
const KERNEL = { arp: "10.77.0.1", ndp: "fd77::1" } as const satisfies Record<Family, string>;

suite("a change of the interface, with its kernel as the clock", ["netns", "tcpdump"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    node = await lab.namespace("node");
    client = await lab.namespace("client");
    await lab.link(
      { ns: node, name: "eth0", addresses: [`${KERNEL.arp}/24`, `${KERNEL.ndp}/64`] },
      { ns: client, name: "eth0" },
    );
    // The kernel announces its own addresses with the new hardware address while it changes it.
    await node.sysctl("net/ipv4/conf/eth0/arp_notify", 1);
    await node.sysctl("net/ipv6/conf/eth0/ndisc_notify", 1);
  });

  afterEach(() => lab.close());

  it.each<Family>(["arp", "ndp"])("is announced by %s within 50 ms", async (family) => {
    const agent = await Layer2Agent.start(node, family, ADDRESS[family], ONCE);
    await agent.event("claimed");
    const filter = { arp: "arp", ndp: "icmp6 and ip6[40] == 136" }[family];
    const args = ["-nn", "-tt", "-e", "-l", "--immediate-mode", "-i", "eth0", filter];
    const dump = client.spawn("tcpdump", args);
    await dump.waitForLine(/listening on/, 10_000);
    const laterMs: number[] = [];
    for (const mac of MACS) {
      await node.ip([`link set dev eth0 address ${mac}`]);
      const later = await until(
        () => {
          const kernel = firstHeard(dump, mac, KERNEL[family]);
          const ours = firstHeard(dump, mac, ADDRESS[family]);
          return kernel === undefined || ours === undefined ? undefined : ours - kernel;
        },
        { timeoutMs: 5_000, what: `both to announce ${mac}` },
      );
      laterMs.push(later * 1_000);
    }
    // The median: the machine may have been busy with something else once or twice.
    laterMs.sort((a, b) => a - b);
    expect(laterMs[(MACS.length - 1) / 2]).toBeLessThan(50);
  });
});

suite("an interface that comes up, with rtnetlink as the clock", ["netns", "tcpdump"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    node = await lab.namespace("node");
    client = await lab.namespace("client");
    await plug("02:77:00:00:01:00");
  });

  afterEach(() => lab.close());

  const plug = (mac: string) =>
    lab.link({ ns: node, name: "eth0", mac }, { ns: client, name: "eth0" });

  /** Both give it another hardware address, by which its packets are told apart. */
  const ways = {
    "is set up": (mac: string) =>
      node.ip([
        "link set dev eth0 down",
        `link set dev eth0 address ${mac}`,
        "link set dev eth0 up",
      ]),
    "is made anew": async (mac: string) => {
      await node.ip(["link delete dev eth0"]);
      await plug(mac);
    },
  };

  it.each<[Family, keyof typeof ways]>([
    ["arp", "is set up"],
    ["arp", "is made anew"],
    ["ndp", "is set up"],
    ["ndp", "is made anew"],
  ])("has %s announce within 50 ms when it %s", async (family, way) => {
    const agent = await Layer2Agent.start(node, family, ADDRESS[family], ONCE);
    await agent.event("claimed");
    const news = node.spawn("env", ["TZ=UTC", "ip", "-o", "-ts", "monitor", "link"]);
    // It does not say when it begins to listen.
    await until(
      async () => {
        await node.ip(["link set dev eth0 alias heard"]);
        return news.lines.length > 0;
      },
      { timeoutMs: 5_000, what: "the monitor" },
    );
    const filter = { arp: "arp", ndp: "icmp6 and ip6[40] == 136" }[family];
    // At the other end of the cable, which is another each time: a bridge would hold packets back.
    const args = ["-nn", "-tt", "-e", "-l", "--immediate-mode", "-i", "any", filter];
    const dump = client.spawn("tcpdump", args);
    await dump.waitForLine(/listening on/, 10_000);
    const laterMs: number[] = [];
    for (const mac of MACS) {
      await ways[way](mac);
      const later = await until(
        () => {
          const up = news.lines.find((line) => line.includes(mac) && /\bUP,LOWER_UP\b/.test(line));
          const ours = firstHeard(dump, mac, ADDRESS[family]);
          if (up === undefined || ours === undefined) return undefined;
          return ours * 1_000 - Date.parse(`${/\[(\S+)\]/.exec(up)?.[1]}Z`);
        },
        { timeoutMs: 5_000, what: `rtnetlink and ${family} to tell of ${mac}` },
      );
      laterMs.push(later);
    }
    laterMs.sort((a, b) => a - b);
    expect(laterMs[(MACS.length - 1) / 2]).toBeLessThan(50);
  });
});

/** When somebody with this hardware address first announced the address, in seconds. */
function firstHeard({ lines }: LabProcess, mac: string, address: string): number | undefined {
  const says = new RegExp(`${mac} .* (?:Request who-has|Reply|tgt is) ${address}[ ,]`);
  const line = lines.find((text) => says.test(text));
  return line === undefined ? undefined : Number.parseFloat(line);
}

const ONCE = { gratuitousForMs: 0, unsolicitedForMs: 0 } as const;
const MACS = [1, 2, 3, 4, 5].map((last) => `02:77:00:00:01:0${last}`);
