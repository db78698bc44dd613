import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { NdpAgent, traffic } from "./linux-ndp-agent.ts";

const sender = fileURLToPath(new URL("./linux-ndp-send.mjs", import.meta.url));
const HOST_MAC = "02000000000b";
const ALL_NODES_MAC = "333300000001";
const ADDRESS = "2001:db8::99";

suite("NDP port", ["netns"], () => {
  let lab: Lab;
  let client: LabNamespace;
  let host: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    [client, host] = await Promise.all([lab.namespace("client"), lab.namespace("host")]);
    for (const ns of [client, host]) {
      // Or the kernels look for routers while the test runs.
      await ns.sysctl("net.ipv6.conf.default.router_solicitations", 0);
    }
    await lab.link(
      { ns: client, name: "eth0", addresses: ["2001:db8::1/64"] },
      { ns: host, name: "eth0", mac: "02:00:00:00:00:0b", addresses: ["2001:db8::2/64"] },
    );
  });

  afterEach(() => lab.close());

  /** What a port saw of these frames, and of a solicitation that ends them. */
  const seenOf = async (agent: NdpAgent, frames: readonly string[]): Promise<readonly string[]> => {
    await client.exec(process.execPath, [sender, "eth0", ...frames, frame({ label: 0xee })]);
    await until(() => agent.seen().includes("135 ee group"), { timeoutMs: 5_000, what: "the end" });
    return agent.seen().slice(0, -1);
  };

  const strangers = [
    frame({ label: 1, hopLimit: 64 }),
    frame({ label: 2, hopLimit: 254 }),
    frame({ label: 3, code: 1 }),
    frame({ label: 4, toMac: "020000000099" }),
    frame({ label: 5, tag: "81000007" }),
    frame({ label: 6, nextHeader: 60 }),
    frame({ label: 7, nextHeader: 17 }),
    frame({ label: 8, type: 132 }),
    frame({ label: 9, type: 137 }),
    frame({ label: 10 }).slice(0, 2 * 54),
  ];
  const others = [133, 134, 136].map((type) => frame({ label: type, type }));
  const solicitations = [frame({ label: 0x20 }), frame({ label: 0x21, toMac: HOST_MAC })];

  it("sees solicitations from this very link, to a group or to one, and nothing else", async () => {
    // So that frames for other stations get as far as the filter.
    await host.ip(["link set dev eth0 promisc on"]);
    const agent = await NdpAgent.start(lab, host, "eth0");
    await agent.report();
    const seen = await seenOf(agent, [...strangers, ...others, ...solicitations]);
    expect(seen).toEqual(["135 20 group", "135 21 one"]);
  });

  it("sees advertisements and routers as well when asked to", async () => {
    await host.ip(["link set dev eth0 promisc on"]);
    const agent = await NdpAgent.start(lab, host, "eth0", "all");
    await agent.report();
    const seen = await seenOf(agent, [...strangers, ...others, ...solicitations]);
    expect(seen.filter((line) => !line.startsWith("135 "))).toEqual([
      "133 85 group",
      "134 86 group",
      "136 88 group",
    ]);
    expect(seen.filter((line) => line.startsWith("135 "))).toEqual(["135 20 group", "135 21 one"]);
  });

  it("does not see what this machine sends, by itself or from its own kernel", async () => {
    const agent = await NdpAgent.start(lab, host, "eth0", "all");
    await agent.report();
    await host.exec(process.execPath, [sender, "eth0", frame({ label: 1 })]);
    await traffic(host, "2001:db8::77");
    expect(await seenOf(agent, [])).toEqual([]);
  });

  it("is believed by a kernel that looks for the address, and that probes what it found", async () => {
    const agent = await NdpAgent.start(lab, host, "eth0");
    await agent.do({ type: "join", address: ADDRESS });
    await traffic(client, ADDRESS);
    await neighbourIs("REACHABLE");
    const change = (state: string) =>
      client.ip([`neighbour change ${ADDRESS} dev eth0 lladdr 02:00:00:00:00:0b nud ${state}`]);
    await change("stale");
    await neighbourIs("STALE");
    await change("probe");
    await neighbourIs("REACHABLE");
    expect(agent.seen()).toEqual(expect.arrayContaining(["135 99 group", "135 99 one"]));
    const { received, sent, dropped } = await agent.report();
    expect({ sent, dropped }).toEqual({ sent: received, dropped: 0 });
  });

  const neighbourIs = (state: string) =>
    until(
      async () => (await client.exec("ip", ["neighbour", "show", ADDRESS])).stdout.includes(state),
      { timeoutMs: 5_000, what: `a neighbour that is ${state}` },
    );

  it("lets the process end when it is closed", async () => {
    const agent = await NdpAgent.start(lab, host, "eth0");
    await agent.do({ type: "join", address: ADDRESS });
    await agent.do({ type: "join", address: ADDRESS }, "b");
    agent.process.kill("SIGTERM");
    expect(await agent.process.exited).toEqual({ code: 0, signal: null });
  });
});

interface FrameOptions {
  /** The last octet of the target. */
  readonly label: number;
  readonly toMac?: string;
  readonly tag?: string;
  readonly nextHeader?: number;
  readonly hopLimit?: number;
  readonly type?: number;
  readonly code?: number;
}

/** An ICMPv6 message in hexadecimal, as long as a solicitation, from fe80::1 to ff02::1. */
function frame(options: FrameOptions): string {
  const { toMac = ALL_NODES_MAC, tag = "", nextHeader = 58, hopLimit = 255 } = options;
  const { label, type = 135, code = 0 } = options;
  return [
    `${toMac}02000000000c${tag}86dd`,
    `600000000018${octet(nextHeader)}${octet(hopLimit)}`,
    "fe800000000000000000000000000001",
    "ff020000000000000000000000000001",
    `${octet(type)}${octet(code)}0000`,
    `0000000020010db80000000000000000000000${octet(label)}`,
  ].join("");
}

function octet(value: number): string {
  return value.toString(16).padStart(2, "0");
}
