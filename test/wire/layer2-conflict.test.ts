import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { type Family, Layer2Agent } from "./layer2-agent.ts";

const ADDRESS = { arp: "10.77.0.99", ndp: "fd77::99" } as const satisfies Record<Family, string>;
const MACS = ["02:77:00:00:00:0a", "02:77:00:00:00:0b"] as const;

suite("two responders for one address", ["netns", "arping"], () => {
  let lab: Lab;
  let hosts: readonly [LabNamespace, LabNamespace];
  let client: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    const lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    hosts = [await lab.namespace("a"), await lab.namespace("b")];
    client = await lab.namespace("c");
    const join = (ns: LabNamespace, end: { mac?: string; addresses?: readonly string[] }) =>
      lab.link({ ns, name: "eth0", ...end }, { ns: lan, name: ns.name, bridge: "br0" });
    await join(hosts[0], { mac: MACS[0] });
    await join(hosts[1], { mac: MACS[1] });
    await join(client, { addresses: ["10.77.0.2/24", "fd77::2/64"] });
  });

  afterEach(() => lab.close());

  /** Those who answer, once each. */
  const whoAnswers = async () => {
    const args = ["-r", "-c", "2", "-W", "0.2", "-i", "eth0", ADDRESS.arp];
    const { stdout } = await client.exec("arping", args, { allowFailure: true });
    return [...new Set(stdout.match(/[0-9a-f:]{17}/g))].sort();
  };

  describe.each<Family>(["arp", "ndp"])("%s", (family) => {
    it("notice each other within a second of the second claim", async () => {
      const options = { gratuitousForMs: 0, unsolicitedForMs: 0, defend: "always" };
      const first = await Layer2Agent.start(hosts[0], family, ADDRESS[family], options);
      await first.event("claimed");
      const second = await Layer2Agent.start(hosts[1], family, ADDRESS[family], options);
      const { at } = await second.event("claimed");
      for (const [i, agent] of [first, second].entries()) {
        const conflict = await agent.event("conflict");
        expect(conflict.mac).toBe(MACS[1 - i]);
        // What is sent goes before what is told, so the other may have noticed already.
        expect(Math.abs(conflict.at - at)).toBeLessThan(1_000);
      }
    });

    it("never both claim it when both ask first, at one moment", async () => {
      const agents = await Promise.all(
        hosts.map((host) => Layer2Agent.start(host, family, ADDRESS[family], ASKING)),
      );
      const saw = (agent: Layer2Agent, ...names: readonly string[]) =>
        agent.events.some(({ event }) => names.includes(event));
      await until(() => agents.every((agent) => saw(agent, "claimed", "conflict")), {
        timeoutMs: 10_000,
        what: "both to claim it or to give way",
      });
      expect(agents.some((agent) => saw(agent, "conflict"))).toBe(true);
      expect(agents.every((agent) => saw(agent, "claimed", "resumed"))).toBe(false);
    });
  });

  it("are a duplicate to arping", async () => {
    for (const host of hosts) await Layer2Agent.start(host, "arp", ADDRESS.arp);
    const args = ["-d", "-c", "3", "-W", "0.1", "-i", "eth0", ADDRESS.arp];
    const { code, stdout } = await client.exec("arping", args, { allowFailure: true });
    expect(code).toBe(1);
    for (const mac of MACS) expect(stdout).toContain(mac);
  });

  it("end as one when they give way and try again", async () => {
    // They try again up to a tenth of this apart, which has to be longer than a machine is late.
    const options = { ...ASKING, probe: "off", defend: "once", retryMs: 1_500 };
    const agents = await Promise.all(
      hosts.map((host) => Layer2Agent.start(host, "arp", ADDRESS.arp, options)),
    );
    for (const agent of agents) await agent.event("conflict");
    await until(async () => (await whoAnswers()).length === 1, {
      timeoutMs: 10_000,
      what: "one to answer",
    });
    const winner = await whoAnswers();
    expect(winner).toHaveLength(1);
    for (let look = 0; look < 3; look++) expect(await whoAnswers()).toEqual(winner);
  });
});

/** RFC 5227's order in a fraction of its time. */
const ASKING = {
  probe: "first",
  probeWaitMs: 200,
  probeMinMs: 100,
  probeMaxMs: 300,
  announceWaitMs: 300,
  retryMs: 500,
} as const;
