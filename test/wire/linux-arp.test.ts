import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const program = fileURLToPath(new URL("./linux-answer.mjs", import.meta.url));
const ADDRESS = "10.77.0.99";
const FIRST_MAC = "02:00:00:00:00:0b";

interface Report {
  readonly received: number;
  readonly sent: number;
  readonly dropped: number;
  readonly isUp: boolean;
  readonly descriptors: number;
}

suite("ARP port", ["netns", "arping"], () => {
  let lab: Lab;
  let client: LabNamespace;
  let host: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    [client, host] = await Promise.all([lab.namespace("client"), lab.namespace("host")]);
    await cable(FIRST_MAC);
  });

  afterEach(() => lab.close());

  const cable = (mac: string) =>
    lab.link(
      { ns: client, name: "eth0", addresses: ["10.77.0.1/24"] },
      { ns: host, name: "eth0", mac, addresses: ["10.77.0.2/24"] },
    );

  const start = async (...options: readonly string[]): Promise<LabProcess> => {
    const agent = host.spawn(process.execPath, [program, "eth0", ADDRESS, ...options]);
    await agent.waitForLine(/^ready$/, 10_000);
    return agent;
  };

  /** Who answers for the address within half a second; empty when nobody does. */
  const whoAnswers = async (): Promise<string> => {
    const args = ["-r", "-C", "1", "-c", "1", "-w", "0.5", "-i", "eth0", ADDRESS];
    return (await client.exec("arping", args, { allowFailure: true })).stdout.trim();
  };

  const answeredBy = (mac: string) =>
    until(async () => (await whoAnswers()) === mac, {
      timeoutMs: 10_000,
      what: `an answer from ${mac}`,
    });

  const report = async (agent: LabProcess): Promise<Report> => {
    const before = agent.lines.length;
    agent.kill("SIGUSR1");
    const find = () => agent.lines.slice(before).find((line) => line.startsWith("report "));
    const line = await until(find, { timeoutMs: 5_000, what: "a report" });
    return JSON.parse(line.slice("report ".length)) as Report;
  };

  it("answers, counts, keeps the process alive, and lets it end when it is closed", async () => {
    const agent = await start();
    await agent.waitForLine(/^up 1 02000000000b$/, 5_000);
    await answeredBy(FIRST_MAC);
    const { received, sent, dropped } = await report(agent);
    expect(received).toBeGreaterThan(0);
    expect({ received, dropped }).toEqual({ received: sent, dropped: 0 });
    expect(agent.running).toBe(true);
    agent.kill("SIGTERM");
    expect(await agent.exited).toEqual({ code: 0, signal: null });
    expect(agent.lines.at(-1)).toBe("sent after close: false");
  });

  it("heals when the interface goes down and up", async () => {
    const agent = await start();
    await agent.waitForLine(/^up 1 /, 5_000);
    for (const ups of [2, 3, 4]) {
      await host.setLink("eth0", "down");
      await until(async () => !(await report(agent)).isUp, { timeoutMs: 5_000, what: "down" });
      await host.setLink("eth0", "up");
      await agent.waitForLine(new RegExp(`^up ${ups} 02000000000b$`), 5_000);
      await answeredBy(FIRST_MAC);
    }
  });

  it("knows that it is not up without a carrier", async () => {
    const agent = await start();
    await agent.waitForLine(/^up 1 /, 5_000);
    await client.setLink("eth0", "down");
    await until(async () => !(await report(agent)).isUp, { timeoutMs: 5_000, what: "down" });
    await client.setLink("eth0", "up");
    await agent.waitForLine(/^up 2 /, 5_000);
    await answeredBy(FIRST_MAC);
  });

  it("waits for an interface that is not there yet", async () => {
    await host.exec("ip", ["link", "delete", "eth0"]);
    const agent = await start();
    expect(await report(agent)).toMatchObject({ isUp: false });
    await cable("02:00:00:00:00:0c");
    await agent.waitForLine(/^up 1 02000000000c$/, 5_000);
    await answeredBy("02:00:00:00:00:0c");
  });

  it("heals when the interface is deleted and made again, index reused or not", async () => {
    const agent = await start();
    const before = await report(agent);
    const show = await host.exec("ip", ["-o", "link", "show", "eth0"]);
    const index = Number.parseInt(show.stdout, 10);
    for (let i = 1; i <= 5; i += 1) {
      const mac = `02:00:00:00:01:0${i}`;
      // The same index, and at once.
      await host.ip([
        "link delete eth0",
        `link add name eth0 index ${index} address ${mac} type veth peer name eth1`,
        `link set eth1 netns ${client.path}`,
        "link set eth0 up",
      ]);
      await client.ip(["link set eth1 name eth0", "address add 10.77.0.1/24 dev eth0"]);
      await client.setLink("eth0", "up");
      await answeredBy(mac);
    }
    await until(async () => (await report(agent)).descriptors === before.descriptors, {
      timeoutMs: 5_000,
      what: "every descriptor but the first ones closed",
    });
  });

  it("follows the name, not the interface", async () => {
    const agent = await start();
    await answeredBy(FIRST_MAC);
    await host.ip(["link set eth0 name away"]);
    await until(async () => !(await report(agent)).isUp, { timeoutMs: 5_000, what: "down" });
    expect(await whoAnswers()).toBe("");
    await host.ip(["link add eth0 type veth peer other", "link set eth0 up", "link set other up"]);
    await until(async () => (await report(agent)).isUp, { timeoutMs: 5_000, what: "another eth0" });
    expect(await whoAnswers()).toBe("");
    await host.ip(["link delete eth0", "link set away name eth0"]);
    await answeredBy(FIRST_MAC);
  });

  it("answers with a new MAC address, and asks to announce it", async () => {
    const agent = await start();
    await agent.waitForLine(/^up 1 02000000000b$/, 5_000);
    await host.ip(["link set eth0 address 02:00:00:00:00:42"]);
    await agent.waitForLine(/^up 2 020000000042$/, 5_000);
    await answeredBy("02:00:00:00:00:42");
  });

  it("sees requests only, or replies as well when asked to, and nothing of strange VLANs", async () => {
    const [requests, all] = [await start(), await start("all")];
    await answeredBy(FIRST_MAC);
    const before = await report(requests);
    const send = (...args: readonly string[]) =>
      client.exec("arping", [...args, "-c", "1", "-w", "0.1", "-i", "eth0", ADDRESS], {
        allowFailure: true,
      });
    await send("-V", "7");
    await send("-U", "-P", "-S", ADDRESS);
    await all.waitForLine(/^saw operation 2$/, 5_000);
    await send();
    await until(async () => (await report(requests)).received !== before.received, {
      timeoutMs: 5_000,
      what: "the request after it all",
    });
    expect((await report(requests)).received).toBe(before.received + 1);
  });

  it("outlives a listener that throws", async () => {
    const agent = await start();
    await answeredBy(FIRST_MAC);
    agent.kill("SIGUSR2");
    await agent.waitForLine(/^armed$/, 5_000);
    await answeredBy(FIRST_MAC);
    expect(agent.lines).toContain("uncaught: a listener's own fault");
  });
});
