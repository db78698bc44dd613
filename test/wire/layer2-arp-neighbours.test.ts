import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { Layer2Agent } from "./layer2-agent.ts";

const ADDRESS = "10.77.0.99";
const MAC = "02:77:00:00:00:0a";
const OTHER_MAC = "02:77:00:00:00:0b";

suite("ARP, with arping and Linux's neighbour table as judges", ["netns", "arping"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;
  let agent: Layer2Agent;

  beforeAll(async () => {
    lab = await Lab.create();
    node = await lab.namespace("n1");
    client = await lab.namespace("c1");
    await lab.link(
      { ns: node, name: "eth0", mac: MAC, addresses: ["10.77.0.1/24"] },
      { ns: client, name: "eth0", addresses: ["10.77.0.2/24"] },
    );
    // Not five seconds from the first packet over a stale entry to the probe.
    await client.sysctl("net/ipv4/neigh/eth0/delay_first_probe_time", 1);
    agent = await Layer2Agent.start(node, "arp", ADDRESS, { gratuitousForMs: 0 });
    await until(async () => (await agent.counters())?.["gratuitousSent"] === 2, {
      timeoutMs: 5_000,
      what: "the gratuitous packets, which change entries",
    });
  });

  afterAll(() => lab?.close());

  const arping = (...args: readonly string[]) =>
    client.exec("arping", [...args, "-W", "0.1", "-i", "eth0", ADDRESS], { allowFailure: true });

  const send = () => {
    const script = `const s = require("node:dgram").createSocket("udp4");
      s.send("?", 9, "${ADDRESS}", () => s.close());`;
    return client.exec(process.execPath, ["-e", script]);
  };

  const entry = async () => (await client.exec("ip", ["neighbour", "show", ADDRESS])).stdout;

  const becomes = (state: RegExp) => {
    const look = async () => {
      const seen = await entry();
      expect(seen).not.toMatch(/FAILED/);
      return state.test(seen) ? seen : undefined;
    };
    return until(look, { timeoutMs: 10_000, what: `a neighbour entry in ${state}` });
  };

  it("answers arping, once each time", async () => {
    const { code, stdout } = await arping("-c", "3");
    expect({ code, answers: stdout.match(/[0-9a-f:]{17}/g) }).toEqual({
      code: 0,
      answers: [MAC, MAC, MAC],
    });
    expect(stdout).toContain(
      "3 packets transmitted, 3 packets received,   0% unanswered (0 extra)",
    );
  });

  it("answers who has no address yet, as duplicate address detection asks", async () => {
    const { code, stdout } = await arping("-0", "-c", "1");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(MAC) });
  });

  it("is no duplicate to arping, and leaves no gap in its display", async () => {
    expect(await arping("-d", "-c", "3")).toMatchObject({ code: 0 });
    expect((await arping("-D", "-c", "3")).stdout).toMatch(/^!!!\s+0% packet loss/);
  });

  it("is found by the kernel", async () => {
    await client.exec("ip", ["neighbour", "flush", "dev", "eth0"]);
    await send();
    expect(await becomes(/REACHABLE/)).toContain(`lladdr ${MAC}`);
  });

  it("turns a stale entry into a reachable one by a unicast probe, and never into a failed one", async () => {
    const change = ["neighbour", "change", ADDRESS, "lladdr", MAC, "dev", "eth0", "nud", "stale"];
    await client.exec("ip", change);
    const before = (await agent.counters())?.["requestsReceived"] ?? 0;
    await send();
    await becomes(/DELAY|PROBE|REACHABLE/);
    await becomes(/REACHABLE/);
    expect((await agent.counters())?.["requestsReceived"]).toBe(before + 1);
  });

  it("moves the entry when the hardware address changes", async () => {
    await node.ip([`link set dev eth0 address ${OTHER_MAC}`]);
    await until(async () => (await entry()).includes(OTHER_MAC), {
      timeoutMs: 5_000,
      what: "the gratuitous packets from the new hardware address",
    });
  });

  it("is silent once it ended", async () => {
    await agent.process.stop("SIGTERM", 5_000);
    expect(await agent.process.exited).toEqual({ code: 0, signal: null });
    expect((await arping("-c", "2")).code).not.toBe(0);
  });
});
