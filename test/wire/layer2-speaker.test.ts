import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fetchInside, INGOT } from "../support/ingot.ts";
import { DUAL_STACK, serviceManifest } from "../support/manifests.ts";
import { suite } from "../support/suite.ts";

const ADDRESS = { arp: "10.77.0.64", ndp: "fd77::64" } as const;
const PREFIX = { arp: `${ADDRESS.arp}/24`, ndp: `${ADDRESS.ndp}/64` } as const;
const MAC = { n1: "02:77:00:00:00:01", n2: "02:77:00:00:00:02", squatter: "02:77:00:00:00:0b" };

const manifests = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan }
spec: { addresses: ["${ADDRESS.arp}/32", "${ADDRESS.ndp}/128"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all }
---${serviceManifest("web", { spec: DUAL_STACK })}`;

suite("a speaker that is not alone with its address", ["netns", "arping"], () => {
  let lab: Lab;
  let squatter: LabNamespace;
  const nodes = new Map<string, LabNamespace>();

  beforeEach(async () => {
    lab = await Lab.create();
    const lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    for (const [i, name] of (["n1", "n2", "squatter"] as const).entries()) {
      const ns = await lab.namespace(name);
      nodes.set(name, ns);
      const addresses = [`10.77.0.1${i}/24`, `fd77::1${i}/64`];
      await lab.link(
        { ns, name: "eth0", mac: MAC[name], addresses },
        { ns: lan, name, bridge: "br0" },
      );
    }
    squatter = node("squatter");
    // It takes what it is given without asking, and says that it has it.
    await squatter.sysctl("net/ipv6/conf/eth0/accept_dad", 0);
    await squatter.sysctl("net/ipv6/conf/eth0/ndisc_notify", 1);
  });

  afterEach(() => lab.close());

  const node = (name: string): LabNamespace => {
    const ns = nodes.get(name);
    if (ns === undefined) throw new Error(`no namespace ${name}`);
    return ns;
  };

  const folder = (name: string) => join(lab.directory, name);

  const ingot = (name: string, ...args: readonly string[]): LabProcess =>
    node(name).spawn(process.execPath, [INGOT, ...args]);

  const controller = (name: string, from: string): void => {
    mkdirSync(folder(from));
    writeFileSync(join(folder(from), "all.yaml"), manifests);
    const off = ["--port", "0", "--health-probe-port", "0"];
    ingot(name, "controller", "--manifests", folder(from), ...off);
  };

  const speaker = (name: string, from: string): LabProcess =>
    ingot(name, "speaker", "--node-name", name, "--manifests", folder(from));

  /** Both programs of a node, on a folder of its own: it knows of no other node. */
  const run = (name: string): LabProcess => {
    controller(name, name);
    return speaker(name, name);
  };

  /** Its log line about the conflict with somebody, waiting for it if need be. */
  const conflict = (speaker: LabProcess, address: string, mac: string, timeoutMs: number) =>
    speaker.waitForLine(
      new RegExp(`"level":"warn".*another host claims ${address}: ${mac} on eth0`),
      timeoutMs,
    );

  /** Those on Services, as text. */
  const events = (name: string) =>
    readFileSync(join(lab.directory, `${name}-status`, "events.jsonl"), "utf8")
      .trim()
      .split("\n");

  /** What a metric of a node says; undefined: nothing yet. */
  const metric = async (name: string, series: string): Promise<number | undefined> => {
    const metrics = await fetchInside(node(name), "http://127.0.0.1:9120/metrics");
    const line = metrics.split("\n").find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };

  /** Of conflicts about the IPv4 address. */
  const counted = (name: string) =>
    metric(name, `ingot_layer2_conflicts_total{ip="${ADDRESS.arp}"}`);

  /** The hardware addresses that the squatter is told. */
  const whoAnswers = async (): Promise<readonly string[]> => {
    const args = ["-r", "-c", "2", "-W", "0.2", "-i", "eth0", ADDRESS.arp];
    const { stdout } = await squatter.exec("arping", args, { allowFailure: true });
    return [...new Set(stdout.match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g))];
  };

  const take = (family: "arp" | "ndp") => squatter.ip([`address add ${PREFIX[family]} dev eth0`]);

  it("hears a host that takes an IPv4 address later, and says so wherever one would look", async () => {
    const alone = run("n1");
    await alone.waitForLine(/"answering"/, 20_000);
    await take("arp");
    const args = ["-U", "-c", "1", "-W", "0.2", "-S", ADDRESS.arp, "-i", "eth0", ADDRESS.arp];
    await squatter.exec("arping", args, { allowFailure: true });
    const line = await conflict(alone, ADDRESS.arp, MAC.squatter, 1_000);
    expect(line).toContain('"service":"default/web"');
    const event = await until(() => events("n1").find((text) => text.includes("addressConflict")), {
      timeoutMs: 2_000,
      what: "the Event",
    });
    expect(JSON.parse(event)).toMatchObject({ type: "Warning", namespace: "default", name: "web" });
    // It is defended, unless the other was so fast that it was still being probed for.
    const conflicts = async () => {
      const series = (kept: boolean) => `ingot_ownership_conflicts_total{kept="${kept}"}`;
      const counts = [await metric("n1", series(true)), await metric("n1", series(false))];
      return counts.some((count) => count !== undefined && count > 0);
    };
    await until(conflicts, { timeoutMs: 5_000, what: "a count" });
  });

  it("hears a host that takes an IPv6 address later", async () => {
    const alone = run("n1");
    await alone.waitForLine(/"answering"/, 20_000);
    await take("ndp");
    await conflict(alone, ADDRESS.ndp, MAC.squatter, 2_000);
  });

  it("asks once, and so finds a host that had the addresses before and keeps quiet", async () => {
    for (const family of ["arp", "ndp"] as const) await take(family);
    const alone = run("n1");
    await alone.waitForLine(/"answering"/, 20_000);
    for (const address of Object.values(ADDRESS)) {
      await conflict(alone, address, MAC.squatter, 8_000);
    }
  });

  it("takes a move to another node, during which both answer, for no conflict", async () => {
    controller("n1", "shared");
    const first = speaker("n1", "shared");
    await first.waitForLine(/"answering"/, 20_000);
    const second = speaker("n2", "shared");
    await first.waitForLine(/"speaker is live"/, 20_000);
    // Unless the second has taken the address from it by now.
    await first.stop("SIGTERM", 5_000);
    await second.waitForLine(/"answering"/, 5_000);
    await until(async () => (await counted("n2")) !== undefined, {
      timeoutMs: 5_000,
      what: "a count",
    });
    const told = [...first.lines, ...second.lines].filter((line) => line.includes("another host"));
    expect(told).toEqual([]);
  });

  it("leaves the address to a speaker that does not share its key, as to any stranger", async () => {
    const first = run("n1");
    await first.waitForLine(/"answering"/, 20_000);
    const second = run("n2");
    await conflict(second, ADDRESS.arp, MAC.n1, 20_000);
    await conflict(second, ADDRESS.ndp, MAC.n1, 1_000);
    const otherKey = 'ingot_ownership_hellos_rejected_total{reason="unknown-key"}';
    await until(async () => ((await metric("n2", otherKey)) ?? 0) > 0, {
      timeoutMs: 5_000,
      what: "a count of hellos under another key",
    });
    expect(await whoAnswers()).toEqual([MAC.n1]);
    expect(first.lines.filter((line) => line.includes("no longer answering"))).toEqual([]);
  });
});
