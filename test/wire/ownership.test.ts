import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fetchInside, INGOT } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const NODES = ["n1", "n2", "n3"] as const;
const VIPS = ["10.77.0.64", "fd77::64"] as const;
const ECHO = fileURLToPath(new URL("./ownership-echo.mjs", import.meta.url));
const CLIENT = fileURLToPath(new URL("./ownership-client.mjs", import.meta.url));
const INTRUDER = fileURLToPath(new URL("./ownership-intruder.mjs", import.meta.url));

const manifests = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan }
spec: { addresses: ["${VIPS[0]}/32", "${VIPS[1]}/128"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  ipFamilyPolicy: RequireDualStack
  ipFamilies: [IPv4, IPv6]
  ports: [{ protocol: UDP, port: 7000 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
endpoints: [{ addresses: [10.244.0.1], nodeName: n1, conditions: { ready: true } }]
ports: []
`;

/** What a client saw of one address in one round. */
interface Seen {
  readonly sent: number;
  readonly lost: number;
  readonly longestMs: number;
  readonly nodes: readonly string[];
}

suite("speakers that settle among themselves who answers", ["netns", "curl"], () => {
  let lab: Lab;
  let lan: LabNamespace;
  let client: LabProcess;
  let rounds = 0;
  const hosts = new Map<string, LabNamespace>();
  const speakers = new Map<string, LabProcess>();

  beforeEach(async () => {
    lab = await Lab.create();
    lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    mkdirSync(folder());
    writeFileSync(join(folder(), "all.yaml"), manifests);
    lan.spawn(process.execPath, [
      ...[INGOT, "controller", "--manifests", folder()],
      ...["--port", "0", "--health-probe-port", "0"],
    ]);
    for (const [i, name] of NODES.entries()) {
      const ns = await host(name, 10 + i);
      hosts.set(name, ns);
      await ns.ip(VIPS.map((address) => `address add ${address} dev lo`));
      for (const [key, value] of [
        ["net.ipv4.conf.all.arp_ignore", 1],
        ["net.ipv4.conf.all.arp_announce", 2],
      ] as const) {
        await ns.sysctl(key, value);
      }
      for (const address of VIPS) {
        const echo = ns.spawn(process.execPath, [ECHO, name, address]);
        await echo.waitForLine(/ready/, 10_000);
      }
      start(name);
    }
    for (const name of NODES) {
      const others = NODES.filter((other) => other !== name);
      for (const other of others) await live(name, other);
    }
    client = (await host("client", 100)).spawn(process.execPath, [CLIENT, ...VIPS]);
    rounds = 0;
    await client.waitForLine(/^ready$/, 10_000);
    await until(async () => Object.values(await round()).every(({ lost }) => lost === 0), {
      timeoutMs: 20_000,
      what: "every probe to be answered",
    });
  });

  afterEach(() => lab.close());

  const folder = () => join(lab.directory, "manifests");

  const host = async (name: string, number: number): Promise<LabNamespace> => {
    const ns = await lab.namespace(name);
    const addresses = [`10.77.0.${number}/24`, `fd77::${number}/64`];
    await ns.sysctl("net.ipv6.conf.default.accept_dad", 0);
    await lab.link({ ns, name: "eth0", addresses }, { ns: lan, name, bridge: "br0" });
    return ns;
  };

  const start = (name: string): void => {
    const args = ["speaker", "--node-name", name, "--manifests", folder()];
    const state = ["--state-dir", join(lab.directory, `${name}-state`)];
    const ns = hosts.get(name) as LabNamespace;
    speakers.set(name, ns.spawn(process.execPath, [INGOT, ...args, ...state]));
  };

  const speaker = (name: string) => speakers.get(name) as LabProcess;

  const live = (by: string, other: string) =>
    speaker(by).waitForLine(new RegExp(`"node":"${other}",.*"speaker is live"`), 20_000);

  /** What became of the probes since the round before, by address. */
  const round = async (): Promise<Readonly<Record<string, Seen>>> => {
    rounds += 1;
    client.kill("SIGUSR2");
    const line = await client.waitForLine(new RegExp(`^round ${rounds} `), 5_000);
    return JSON.parse(line.slice(line.indexOf("{"))) as Readonly<Record<string, Seen>>;
  };

  /** The one node that answers for both addresses. */
  const owner = async (): Promise<string> => {
    const names = new Set(Object.values(await round()).flatMap(({ nodes }) => nodes));
    expect(names.size).toBe(1);
    return [...names][0] ?? "";
  };

  const turns = () =>
    [...speakers.values()].flatMap(({ lines }) => lines.filter((line) => /answering"/.test(line)));

  it("take over from one whose power is cut in less than 400 ms, and leave it at that", async () => {
    const gaps: number[] = [];
    for (let times = 0; times < 3; times++) {
      const first = await owner();
      speaker(first).kill("SIGKILL");
      await lan.setLink(first, "down");
      const others = NODES.filter((name) => name !== first);
      await until(
        async () =>
          Object.values(await round()).every(({ nodes, longestMs }) => {
            gaps.push(longestMs);
            return nodes.length === 1 && nodes[0] !== first;
          }),
        { timeoutMs: 5_000, what: "another node to answer alone" },
      );
      const second = await owner();
      expect(others).toContain(second);
      await lan.setLink(first, "up");
      start(first);
      await live(first, second);
      expect(await owner()).toBe(second);
    }
    const crashes = gaps.filter((gap) => gap > 0).sort((a, b) => a - b);
    console.info(`without an answer after a crash: ${crashes.join(", ")} ms`);
    expect(crashes.length).toBeGreaterThanOrEqual(3);
    expect(crashes.at(crashes.length >> 1)).toBeLessThan(400);
    expect(crashes.at(-1)).toBeLessThan(1_000);
  });

  it("lose no probe when one is told to stop", async () => {
    const first = await owner();
    await speaker(first).stop("SIGTERM", 5_000);
    expect(await speaker(first).exited).toEqual({ code: 0, signal: null });
    const seen = Object.values(await round());
    expect(seen.map(({ lost }) => lost)).toEqual([0, 0]);
    expect(await owner()).not.toBe(first);
  });

  it("keep what they know on disk for themselves alone, key included", async () => {
    const name = await owner();
    const file = join(lab.directory, `${name}-state`, "speaker-state.json");
    await until(() => readFileSync(file, "utf8").includes("ingot-ownership-key"), {
      timeoutMs: 5_000,
      what: "the kept state",
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("believe no hello that is recorded, cut off, altered, or under another key", async () => {
    const first = await owner();
    const before = turns().length;
    const intruder = await host("intruder", 200);
    const claimant = NODES.find((name) => name !== first) ?? "";
    const hostile = intruder.spawn(process.execPath, [
      ...[INTRUDER, "eth0", "7472", VIPS[0], claimant],
    ]);
    await hostile.waitForLine(/^sent$/, 20_000);
    const seen = await round();
    expect(Object.values(seen).map(({ lost, nodes }) => [lost, nodes])).toEqual([
      [0, [first]],
      [0, [first]],
    ]);
    expect(turns()).toHaveLength(before);
    for (const name of NODES) {
      const ns = hosts.get(name) as LabNamespace;
      await until(
        async () => {
          const metrics = await fetchInside(ns, "http://127.0.0.1:9120/metrics");
          return ["replayed", "malformed", "forged", "unknown-key"].every((reason) =>
            new RegExp(`hellos_rejected_total\\{reason="${reason}"\\} [1-9]`).test(metrics),
          );
        },
        { timeoutMs: 5_000, what: `${name} to count what it did not believe` },
      );
    }
  });
});
