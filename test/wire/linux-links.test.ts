import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const program = fileURLToPath(new URL("./linux-watch.mjs", import.meta.url));

type Line = readonly [event: string, thing: Readonly<Record<string, unknown>>];

interface Known {
  readonly links: readonly {
    readonly name: string;
    readonly index: number;
    readonly up: boolean;
  }[];
  readonly addresses: readonly { readonly address: string }[];
}

suite("link monitor", ["netns"], () => {
  let lab: Lab;
  let host: LabNamespace;
  let agent: LabProcess;

  beforeEach(async () => {
    lab = await Lab.create();
    host = await lab.namespace("host");
    await host.ip(["link add d0 type veth peer p0", "address add 192.0.2.1/24 dev d0"]);
    agent = host.spawn(process.execPath, [program]);
    await agent.waitForLine(/^\["known"/, 10_000);
  });

  afterEach(() => lab.close());

  const events = (): readonly Line[] =>
    agent.lines.filter((line) => line.startsWith("[")).map((line) => JSON.parse(line) as Line);

  const told = (event: string, thing: Readonly<Record<string, unknown>>) =>
    until(() => events().some((e) => e[0] === event && matches(e[1], thing)), {
      timeoutMs: 5_000,
      what: `${event} ${JSON.stringify(thing)}`,
    });

  const known = async (): Promise<Known> => {
    const before = agent.lines.length;
    agent.kill("SIGUSR1");
    const find = () => agent.lines.slice(before).find((line) => line.startsWith('["known"'));
    const line = await until(find, { timeoutMs: 5_000, what: "what it knows" });
    return (JSON.parse(line) as [string, Known])[1];
  };

  it("knows what was there before it", async () => {
    const { links, addresses } = await known();
    expect(links).toEqual([
      expect.objectContaining({ index: 1, name: "lo", loopback: true, up: true, mtu: 65_536 }),
      expect.objectContaining({ name: "p0", kind: "veth", up: false }),
      expect.objectContaining({ name: "d0", kind: "veth", up: false, masterIndex: 0, mtu: 1500 }),
    ]);
    expect(addresses).toContainEqual({
      index: links[2]?.index,
      family: 4,
      address: "192.0.2.1",
      prefixLength: 24,
      scope: 0,
      tentative: false,
    });
  });

  it("tells of links and addresses that come, change and go, whatever a listener throws", async () => {
    await host.ip(["link add v0 address 02:00:00:00:00:07 type veth peer name v1"]);
    await told("link", { name: "v0", kind: "veth", mac: "020000000007", up: false });
    await host.ip(["link set v0 up", "link set v1 up"]);
    await told("link", { name: "v0", up: true, running: true });
    await host.ip(["address add 2001:db8::5/64 dev v0", "address add 192.0.2.9/32 dev v0"]);
    await told("address", { address: "2001:db8::5", prefixLength: 64, family: 6 });
    await told("address", { address: "192.0.2.9", prefixLength: 32, family: 4 });
    await host.ip(["address delete 192.0.2.9/32 dev v0"]);
    await told("addressGone", { address: "192.0.2.9" });
    await host.ip(["link set v0 name v9"]);
    await told("link", { name: "v9" });
    await host.ip(["link delete v9"]);
    await told("addressGone", { address: "2001:db8::5" });
    await told("linkGone", { name: "v9" });
    await told("linkGone", { name: "v1" });
    expect(events()).toContainEqual(["uncaught", "a listener's own fault"]);
    const { links } = await known();
    expect(links.map(({ name }) => name)).toEqual(["lo", "p0", "d0"]);
  });

  it("does not take leaving a bridge, or a namespace, for what it is not", async () => {
    await host.ip(["link add br0 type bridge", "link set d0 master br0", "link set d0 up"]);
    const bridge = (await known()).links.find(({ name }) => name === "br0");
    await told("link", { name: "d0", masterIndex: bridge?.index, up: true });
    await host.ip(["link set d0 nomaster", "link set d0 down"]);
    await told("link", { name: "d0", masterIndex: 0, up: false });
    expect(events().filter(([event]) => event === "linkGone")).toEqual([]);
    const other = await lab.namespace("other");
    await host.ip([`link set d0 netns ${other.path}`]);
    await told("linkGone", { name: "d0" });
    await other.ip([`link set d0 netns ${host.path}`]);
    await until(async () => (await known()).links.some(({ name }) => name === "d0"), {
      timeoutMs: 5_000,
      what: "d0 coming back",
    });
  });

  it("lists everything anew when it was told more than it could take in", async () => {
    agent.kill("SIGSTOP");
    const commands = ["link delete d0", "link add kept type bridge"];
    for (let i = 0; i < 1000; i += 1) commands.push(`link set kept mtu ${1000 + (i % 400)}`);
    await host.ip([...commands, "link set kept up", "address add 192.0.2.77/24 dev kept"]);
    agent.kill("SIGCONT");
    // Sooner than an answer that was lost would be asked for again.
    await until(() => events().some(([event]) => event === "resynced"), {
      timeoutMs: 4_000,
      what: "resynced",
    });
    await told("linkGone", { name: "d0" });
    await told("address", { address: "192.0.2.77" });
    const { links, addresses } = await known();
    expect(links.map(({ name, up }) => ({ name, up }))).toEqual([
      { name: "lo", up: true },
      { name: "kept", up: true },
    ]);
    expect(addresses.map(({ address }) => address)).not.toContain("192.0.2.1");
    // And it hears what comes next.
    await host.ip(["link set kept down"]);
    await told("link", { name: "kept", up: false });
  });

  it("lets the process end when it is closed", async () => {
    agent.kill("SIGTERM");
    expect(await agent.exited).toEqual({ code: 0, signal: null });
  });
});

function matches(
  actual: Readonly<Record<string, unknown>> | undefined,
  expected: Readonly<Record<string, unknown>>,
): boolean {
  return Object.entries(expected).every(([key, value]) => actual?.[key] === value);
}
