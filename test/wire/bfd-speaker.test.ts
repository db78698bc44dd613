import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bird, Lab, type LabNamespace, type LabProcess, parseMetrics, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fetchInside, INGOT } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const NODE = "10.94.0.1";
const ROUTER = "10.94.0.2";

const manifests = (detectMultiplier: number) => `
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata: { name: fast }
spec: { receiveInterval: 50, transmitInterval: 50, detectMultiplier: ${detectMultiplier} }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router }
spec: { myASN: 64512, peerASN: 65000, peerAddress: ${ROUTER}, holdTime: 90s, bfdProfile: fast }
`;

const birdConfig = (more = "") => `router id ${ROUTER};
protocol device {}
protocol bfd { interface "eth0" { interval 50 ms; multiplier 3; }; }
protocol bgp lb {
  local ${ROUTER} as 65000; neighbor ${NODE} as 64512; passive; ${more}
  hold time 90; error wait time 1, 2;
  ipv4 { import all; export none; };
}
`;

suite("a speaker whose BGP sessions BFD watches over", ["netns", "bird", "tcpdump"], () => {
  let lab: Lab;
  let lan: LabNamespace;
  let node: LabNamespace;
  let router: LabNamespace;
  let speaker: LabProcess;

  beforeEach(async () => {
    lab = await Lab.create();
    lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    node = await lab.namespace("node");
    router = await lab.namespace("router");
    for (const [ns, address] of [
      [node, NODE],
      [router, ROUTER],
    ] as const) {
      await lab.link(
        { ns, name: "eth0", addresses: [`${address}/24`] },
        { ns: lan, name: ns.name, bridge: "br0" },
      );
    }
    mkdirSync(folder());
    configure(3);
    speaker = node.spawn(process.execPath, [
      ...[INGOT, "speaker", "--node-name", "n1", "--manifests", folder()],
    ]);
  });

  afterEach(() => lab.close());

  const folder = () => join(lab.directory, "manifests");
  const configure = (detectMultiplier: number) =>
    writeFileSync(join(folder(), "all.yaml"), manifests(detectMultiplier));

  const startBird = (more?: string): Promise<Bird> =>
    Bird.start(router, { directory: lab.directory, name: "bird", config: birdConfig(more) });

  /** What a metric says of the router; undefined: nothing. */
  const metric = async (name: string): Promise<number | undefined> => {
    const text = await fetchInside(node, "http://127.0.0.1:9120/metrics");
    return parseMetrics(text).find((sample) => sample.name === `metallb_${name}`)?.value;
  };

  const log = (pattern: RegExp) => speaker.waitForLine(pattern, 20_000);
  const count = (pattern: RegExp) => speaker.lines.filter((line) => pattern.test(line)).length;

  /** Waits until BIRD shows the BFD session like this. */
  const shown = (bird: Bird, pattern: RegExp): Promise<unknown> =>
    until(async () => pattern.test(await bird.ask("show bfd sessions")), {
      timeoutMs: 10_000,
      what: `BIRD to show ${pattern}`,
    });

  it("notices a cut within the detection time at both ends, and comes back by itself", async () => {
    const bird = await startBird("bfd on;");
    await log(/BFD session is up/);
    await shown(bird, /Up .* 0\.050\s+0\.150/);
    expect(await bird.established("lb")).toBe(true);
    await until(async () => ((await metric("bfd_control_packet_input")) ?? 0) > 10, {
      timeoutMs: 5_000,
      what: "packets to be counted",
    });
    expect(await metric("bfd_session_up")).toBe(1);

    // The cable stays in its socket: no interface goes down at either end.
    const cutAt = performance.now();
    await lan.ip(["link set dev router nomaster"]);
    const [reason] = await Promise.all([
      log(/BGP session is down/),
      until(async () => !(await bird.established("lb")), {
        timeoutMs: 10_000,
        intervalMs: 10,
        what: "BIRD to give the session up",
      }),
    ]);
    expect(performance.now() - cutAt).toBeLessThan(1_000);
    expect(reason).toMatch(/BFD Down/);
    expect(speaker.lines.join("\n")).toMatch(/"nothing heard for the detection time"/);
    expect(await bird.ask("show protocols all lb")).toMatch(/BFD session down/);
    expect(await metric("bfd_session_up")).toBe(0);

    await lan.ip(["link set dev router master br0"]);
    await until(() => count(/BGP session is up/) === 2 && count(/BFD session is up/) === 2, {
      timeoutMs: 20_000,
      what: "both sessions to come back",
    });
    await until(async () => (await metric("bfd_session_up_events")) === 2, {
      timeoutMs: 5_000,
      what: "the second time to be counted",
    });
    expect(await metric("bfd_session_down_events")).toBe(1);
  });

  it("changes its intervals without a flap, and takes leave when it stops", async () => {
    const bird = await startBird("bfd on;");
    await log(/BFD session is up/);
    configure(5);
    await shown(bird, /Up .* 0\.050\s+0\.250/);
    expect(count(/BGP session is up/)).toBe(1);
    const dump = node.spawn("tcpdump", [
      ...["-lnnv", "--immediate-mode", "-i", "eth0", `udp port 3784 and src ${NODE}`],
    ]);
    await dump.waitForLine(/State Up/, 10_000);
    speaker.kill("SIGTERM");
    await dump.waitForLine(/State AdminDown/, 10_000);
    expect(count(/BGP session is down|BFD session has failed/)).toBe(0);
  });

  it("has one thread that runs before others, where it may", async () => {
    await startBird("bfd on;");
    await log(/BFD session is up/);
    const tasks = `/proc/${speaker.pid}/task`;
    const niceness = (task: string | number) => {
      const stat = readFileSync(`${tasks}/${task}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
    };
    const usual = niceness(speaker.pid);
    const unusual = readdirSync(tasks)
      .map(niceness)
      .filter((value) => value !== usual);
    // What `nice` says of itself once it was asked to be preferred.
    const { stdout } = await node.exec("nice", ["-n", "-1", "nice"]);
    const isPermitted = Number(stdout) < usual;
    expect(unusual).toEqual(isPermitted ? [-15] : []);
    expect(count(/CAP_SYS_NICE is missing/)).toBe(isPermitted ? 0 : 1);
  });

  it("keeps its BGP session with a router that does not speak BFD to it", async () => {
    const bird = await startBird();
    await log(/BGP session is up/);
    await until(async () => ((await metric("bfd_control_packet_output")) ?? 0) > 3, {
      timeoutMs: 10_000,
      what: "a few packets that nobody answers",
    });
    expect(await bird.established("lb")).toBe(true);
    expect(count(/BGP session is down/)).toBe(0);
    expect(await metric("bfd_session_up")).toBe(0);
  });
});
