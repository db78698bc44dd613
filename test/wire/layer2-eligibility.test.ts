import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { INGOT } from "../support/ingot.ts";
import { serviceManifest } from "../support/manifests.ts";
import { suite } from "../support/suite.ts";

const NODES = ["n1", "n2", "n3"] as const;
type NodeName = (typeof NODES)[number];

/** Of the cable that every node has. */
const MAC = {
  n1: "02:77:00:00:00:01",
  n2: "02:77:00:00:00:02",
  n3: "02:77:00:00:00:03",
} as const satisfies Record<NodeName, string>;
/** Of the cable that a test gives it. */
const EXTRA_MAC = {
  n1: "02:77:00:00:01:01",
  n2: "02:77:00:00:01:02",
  n3: "02:77:00:00:01:03",
} as const satisfies Record<NodeName, string>;

/** A Service that has one address, announced on one interface only. */
const manifests = (service: string, address: string, device: string) => `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: ${service} }
spec: { addresses: ["${address}/32"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: ${service} }
spec: { ipAddressPools: [${service}], interfaces: [${device}] }
---${serviceManifest(service, { metadata: `annotations: { metallb.io/address-pool: ${service} }` })}`;

suite("which of three nodes answers, and what they say when none can", ["netns", "arping"], () => {
  let lab: Lab;
  let lan: LabNamespace;
  let client: LabNamespace;
  const hosts = new Map<NodeName, LabNamespace>();
  const speakers = new Map<NodeName, LabProcess>();
  const unplug: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    lab = await Lab.create();
    lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    client = await lab.namespace("client");
    await lab.link(
      { ns: client, name: "eth0", addresses: ["10.77.0.2/24"] },
      { ns: lan, name: "client", bridge: "br0" },
    );
    mkdirSync(folder());
    const off = ["--port", "0", "--health-probe-port", "0"];
    lan.spawn(process.execPath, [INGOT, "controller", "--manifests", folder(), ...off]);
    for (const [i, name] of NODES.entries()) {
      const ns = await lab.namespace(name);
      hosts.set(name, ns);
      await lab.link(
        { ns, name: "eth0", mac: MAC[name], addresses: [`10.77.0.1${i}/24`] },
        { ns: lan, name, bridge: "br0" },
      );
      const args = ["speaker", "--node-name", name, "--manifests", folder()];
      speakers.set(name, ns.spawn(process.execPath, [INGOT, ...args]));
    }
    for (const name of NODES) await known(name, "eth0");
  });

  afterEach(async () => {
    for (const pull of unplug.splice(0)) await pull();
  });

  afterAll(() => lab?.close());

  const folder = () => join(lab.directory, "manifests");

  const write = (service: string, address: string, device: string) =>
    writeFileSync(join(folder(), `${service}.yaml`), manifests(service, address, device));

  const speaker = (name: NodeName) => speakers.get(name) as LabProcess;
  const host = (name: NodeName) => hosts.get(name) as LabNamespace;

  /** Waits until all others know of a node's interface: until then each may decide otherwise. */
  const known = (name: NodeName, device: string): Promise<unknown> => {
    const sign = new RegExp(`"node":"${name}","interfaces":\\[.*"${device}".*speaker is known`);
    const others = NODES.filter((other) => other !== name);
    return Promise.all(others.map((other) => speaker(other).waitForLine(sign, 20_000)));
  };

  /** A second cable into the LAN, until the test is over. */
  const plug = async (name: NodeName, device: string): Promise<void> => {
    const port = `${name}-${device}`;
    await lab.link(
      { ns: host(name), name: device, mac: EXTRA_MAC[name] },
      { ns: lan, name: port, bridge: "br0" },
    );
    unplug.push(() => lan.ip([`link delete dev ${port}`]));
  };

  /** The hardware addresses that a client is told, once each. */
  const whoAnswers = async (address: string): Promise<readonly string[]> => {
    const args = ["-r", "-c", "2", "-W", "0.2", "-i", "eth0", address];
    const { stdout } = await client.exec("arping", args, { allowFailure: true });
    return [...new Set(stdout.match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g))].sort();
  };

  const answered = (address: string, macs: readonly string[]): Promise<unknown> =>
    until(
      async () => {
        const found = await whoAnswers(address);
        if (found.join() === macs.join()) return true;
        throw new Error(`answers from ${found.join(" and ") || "nobody"}`);
      },
      { timeoutMs: 5_000, what: `answers for ${address} from ${macs.join(" and ")}` },
    );

  /** What was said on a Service, by all speakers together. */
  const events = (service: string, reason: string): readonly ServiceEvent[] =>
    readFileSync(join(`${folder()}-status`, "events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as ServiceEvent)
      .filter((event) => event.name === service && event.reason === reason);

  const event = (service: string, reason: string): Promise<ServiceEvent> =>
    until(() => events(service, reason)[0], {
      timeoutMs: 5_000,
      what: `an Event ${reason} on ${service}`,
    });

  /** A speaker's log lines about something that is wrong, or is no longer, with a Service. */
  const about = (service: string, reason: string, what: string) =>
    new RegExp(`"service":"default/${service}","reason":"${reason}".*${what}`);

  const complaining = (service: string, reason: string): readonly NodeName[] =>
    NODES.filter((name) =>
      speaker(name).lines.some((line) => about(service, reason, "").test(line)),
    );

  it("nobody, while none has the interface that is wanted: one says so, until one has it", async () => {
    const address = "10.77.0.64";
    const [first, , last] = electionOrder(address);
    write("nowhere", address, "lan9");
    const warning = await event("nowhere", "announceFailed");
    expect(warning).toMatchObject({ type: "Warning", namespace: "default" });
    expect(warning.message).toMatch(/no eligible node has an interface .* 10\.77\.0\.64 want/);
    await speaker(first).waitForLine(about("nowhere", "announceFailed", "eligible"), 1_000);
    expect(await whoAnswers(address)).toEqual([]);

    await plug(last, "lan9");
    await answered(address, [EXTRA_MAC[last]]);
    await speaker(first).waitForLine(about("nowhere", "announceFailed", "no longer wrong"), 5_000);
    expect((await event("nowhere", "nodeAssigned")).message).toContain(`node "${last}"`);
    // By now all three have decided twice.
    expect(events("nowhere", "announceFailed")).toHaveLength(1);
    expect(complaining("nowhere", "announceFailed")).toEqual([first]);
  });

  it("one of those that have the interface, and it alone, without a complaint", async () => {
    const address = "10.77.0.65";
    const [, second, third] = electionOrder(address);
    for (const name of [second, third]) await plug(name, "lan8");
    for (const name of [second, third]) await known(name, "lan8");
    write("somewhere", address, "lan8");
    const assigned = await event("somewhere", "nodeAssigned");
    const owner = [second, third].find((name) => assigned.message.includes(`node "${name}"`));
    if (owner === undefined) throw new Error(assigned.message);
    await answered(address, [EXTRA_MAC[owner]]);
    expect(events("somewhere", "nodeAssigned")).toHaveLength(1);
    expect(events("somewhere", "announceFailed")).toEqual([]);
    expect(complaining("somewhere", "announceFailed")).toEqual([]);
  });

  it("also one whose kernel has the address, which says so, and how it is cured", async () => {
    const address = "10.77.0.66";
    write("bound", address, "eth0");
    const assigned = await event("bound", "nodeAssigned");
    const owner = NODES.find((name) => assigned.message.includes(`node "${name}"`)) ?? "n1";
    const bystander = owner === "n1" ? "n2" : "n1";
    const node = host(bystander);
    // A namespace may begin with the values of the machine.
    for (const name of ["all", "eth0"]) await node.sysctl(`net.ipv4.conf.${name}.arp_ignore`, 0);
    // As kube-proxy makes it: never up, not resolving. Its kind is dummy, which not every kernel has.
    const device = "kube-ipvs0";
    await node.ip([`link add ${device} type bridge`, `link set dev ${device} arp off`]);
    unplug.push(() => node.ip([`link delete dev ${device}`]));
    await answered(address, [MAC[owner]]);

    await node.ip([`address add ${address}/32 dev ${device}`]);
    await answered(address, [MAC[owner], MAC[bystander]].sort());
    const warning = await event("bound", "addressOnNode");
    expect(warning).toMatchObject({ type: "Warning", namespace: "default" });
    expect(warning.message).toContain(`node "${bystander}" itself has ${address} on an interface`);
    expect(warning.message).toContain("set net.ipv4.conf.all.arp_ignore to 1");
    const line = await speaker(bystander).waitForLine(about("bound", "addressOnNode", ""), 1_000);
    expect(JSON.parse(line)).toMatchObject({ level: "warn", msg: warning.message });

    await node.sysctl("net.ipv4.conf.all.arp_ignore", 1);
    await answered(address, [MAC[owner]]);
    const ended = about("bound", "addressOnNode", "no longer wrong");
    await speaker(bystander).waitForLine(ended, 5_000);
    expect(events("bound", "addressOnNode")).toHaveLength(1);
    expect(complaining("bound", "addressOnNode")).toEqual([bystander]);
  });
});

/** As a line of `events.jsonl` has it. */
interface ServiceEvent {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

/** MetalLB's rule: ascending SHA-256 of `node#address`. */
function electionOrder(address: string): readonly [NodeName, NodeName, NodeName] {
  const digest = (node: string) => createHash("sha256").update(`${node}#${address}`).digest("hex");
  const [first, second, third] = [...NODES].sort((a, b) => (digest(a) < digest(b) ? -1 : 1));
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error(`${NODES.length} nodes are too few to order`);
  }
  return [first, second, third];
}
