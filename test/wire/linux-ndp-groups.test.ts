import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { type AgentRequest, groupOf, groupUsers, NdpAgent } from "./linux-ndp-agent.ts";

const FIRST = "2001:db8:1::99";
const SECOND = "2001:db8:2::99";
const GROUP = groupOf("000099");
const MULTICAST_MAC = "33:33:ff:00:00:99";

suite("NDP groups", ["netns"], () => {
  let lab: Lab;
  let host: LabNamespace;
  let agent: NdpAgent;

  beforeEach(async () => {
    lab = await Lab.create();
    host = await lab.namespace("host");
    await host.ip(cable());
    agent = await NdpAgent.start(lab, host, "eth0");
  });

  afterEach(() => lab.close());

  const cable = (index?: string): readonly string[] => [
    `link add name eth0 ${index === undefined ? "" : `index ${index}`} type veth peer name eth1`,
    "link set eth0 up",
    "link set eth1 up",
  ];

  const join = (address: string, port?: string) => agent.do({ type: "join", address }, port);
  const leave = (address: string, port?: string) => agent.do({ type: "leave", address }, port);

  const users = (expected: number | undefined, name = "eth0") =>
    until(async () => (await groupUsers(host, name)).get(GROUP) === expected, {
      timeoutMs: 2_000,
      intervalMs: 10,
      what: `a group with ${expected ?? "no"} users`,
    });

  /** Whether the network card lets frames for the group pass. */
  const passes = (expected: boolean) =>
    until(
      async () => {
        const { stdout } = await host.exec("ip", ["maddress", "show", "dev", "eth0"]);
        return stdout.includes(MULTICAST_MAC) === expected;
      },
      { timeoutMs: 2_000, what: `${MULTICAST_MAC} ${expected ? "" : "not "}to pass` },
    );

  /** When a later change is made, all those before it are. */
  const settled = async (port?: string) => {
    await join("2001:db8::1:1", port);
    await until(async () => (await groupUsers(host, "eth0")).has(groupOf("010001")), {
      timeoutMs: 2_000,
      what: "a later group",
    });
    await leave("2001:db8::1:1", port);
  };

  /** Packet sockets are closed in the background. */
  const descriptorsLeft = (most: number) =>
    until(async () => (await agent.report()).descriptors <= most, {
      timeoutMs: 5_000,
      what: `at most ${most} descriptors`,
    });

  it("are shared by addresses, counted, and left with the last of them", async () => {
    await join(FIRST);
    await users(1);
    await passes(true);
    await join(SECOND);
    await settled();
    await leave(FIRST);
    await settled();
    await users(1);
    await leave(SECOND);
    await users(undefined);
    await passes(false);
  });

  it("are shared by ports, counted, and left when the last port is closed", async () => {
    await join(FIRST, "a");
    await join(FIRST, "b");
    await users(1);
    await agent.do({ type: "close" }, "a");
    await settled("b");
    await users(1);
    await agent.do({ type: "close" }, "b");
    await users(undefined);
  });

  it("can be any group", async () => {
    const allRouters: AgentRequest = { type: "joinGroup", group: "FF02:0::2" };
    await agent.do(allRouters);
    await until(async () => (await groupUsers(host, "eth0")).has(`ff02${"0".repeat(27)}2`), {
      timeoutMs: 2_000,
      what: "all routers",
    });
    expect((await host.exec("ip", ["maddress", "show", "dev", "eth0"])).stdout).toContain(
      "33:33:00:00:00:02",
    );
  });

  it("are joined on an interface that is not there yet, is down, or has no IPv6 yet", async () => {
    await host.ip(["link delete eth0"]);
    await join(FIRST);
    await host.ip([...cable().slice(0, 1), "link set eth0 mtu 1200"]);
    await agent.process.waitForLine(
      /a join failed: cannot join ff02::1:ff00:99 on eth0: .*EINVAL/,
      5_000,
    );
    await host.ip(["link set eth0 mtu 1500"]);
    await users(1);
    await host.ip(["link set eth0 up"]);
    await passes(true);
  });

  it("are joined again when the interface was deleted and made anew, index reused or not", async () => {
    const { stdout } = await host.exec("ip", ["-o", "link", "show", "eth0"]);
    const index = stdout.split(":", 1)[0] ?? "";
    // Two ports that each kept sockets of their own would take the group from each other here.
    await join(FIRST, "a");
    await join(SECOND, "b");
    await users(1);
    const before = await agent.report();
    for (const reused of [undefined, index, index, undefined]) {
      await host.ip(["link delete eth0", ...cable(reused)]);
      await users(1);
      await passes(true);
    }
    await leave(FIRST, "a");
    await settled();
    await users(1);
    await leave(SECOND, "b");
    await users(undefined);
    await descriptorsLeft(before.descriptors);
  });

  it("are joined again when the kernel dropped them for want of MTU", async () => {
    await join(FIRST, "a");
    await join(SECOND, "b");
    await users(1);
    await host.ip(["link set eth0 mtu 1279"]);
    await users(undefined);
    await host.ip(["link set eth0 mtu 1280"]);
    await users(1);
    await passes(true);
    await host.ip(["link set eth0 mtu 1000", "link set eth0 mtu 1500"]);
    await users(1);
  });

  it("outlast the interface going down and up, and IPv6 being disabled for a while", async () => {
    await join(FIRST);
    await passes(true);
    await host.ip(["link set eth0 down"]);
    await passes(false);
    await host.ip(["link set eth0 up"]);
    await passes(true);
    await host.sysctl("net.ipv6.conf.eth0.disable_ipv6", 1);
    await passes(false);
    await host.sysctl("net.ipv6.conf.eth0.disable_ipv6", 0);
    await passes(true);
    await users(1);
  });

  it("follow the name, not the interface", async () => {
    await join(FIRST);
    await users(1);
    await host.ip(["link set eth0 name away"]);
    await users(undefined, "away");
    await host.ip(["link set eth1 name eth0"]);
    await users(1);
    await users(undefined, "away");
  });

  it("are joined again when the interface may have been made anew unseen", async () => {
    const { stdout } = await host.exec("ip", ["-o", "link", "show", "eth0"]);
    await join(FIRST);
    await users(1);
    agent.process.kill("SIGSTOP");
    const noise = Array.from({ length: 1000 }, (_, i) => `link set lo mtu ${60_000 + (i % 400)}`);
    await host.ip([...noise, "link delete eth0", ...cable(stdout.split(":", 1)[0])]);
    await users(undefined);
    agent.process.kill("SIGCONT");
    await until(async () => (await agent.report()).resyncs > 0, {
      timeoutMs: 5_000,
      what: "everything listed anew",
    });
    await users(1);
    await passes(true);
  });

  it("may be 5,000, which are more than one socket holds", async () => {
    const { descriptors } = await agent.report();
    const many = { address: "2001:db8::10:0", count: 5_000 };
    const joined = async () =>
      [...(await groupUsers(host, "eth0")).keys()].filter((group) =>
        group.startsWith("ff0200000000000000000001ff10"),
      ).length;
    const toBeJoined = (count: number) =>
      until(async () => (await joined()) === count, { timeoutMs: 10_000, what: `${count} groups` });
    await agent.do({ type: "join", ...many });
    await toBeJoined(5_000);
    await host.ip(["link delete eth0", ...cable()]);
    await toBeJoined(5_000);
    await agent.do({ type: "leave", ...many });
    await toBeJoined(0);
    await descriptorsLeft(descriptors);
  });
});
