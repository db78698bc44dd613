import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { INGOT } from "../support/ingot.ts";
import { serviceManifest } from "../support/manifests.ts";
import { suite } from "../support/suite.ts";

const pool = (name: string, addresses: string) => `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: ${name} }
spec: { addresses: [${addresses}] }
`;
const advertisement = `
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all }
`;
const web = serviceManifest("web");

suite("the programs, from a folder of manifests", ["netns", "arping", "setpriv"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;
  let controller: LabProcess;
  let speaker: LabProcess;

  beforeAll(async () => {
    lab = await Lab.create();
    node = await lab.namespace("n1");
    client = await lab.namespace("c1");
    await lab.link(
      { ns: node, name: "eth0", addresses: ["10.77.0.11/24"] },
      { ns: client, name: "eth0", addresses: ["10.77.0.2/24"] },
    );
    mkdirSync(join(lab.directory, "manifests"));
    controller = ingot("controller");
    speaker = ingot("speaker", "--node-name", "n1");
  });

  afterAll(() => lab?.close());

  function ingot(...args: readonly string[]): LabProcess {
    return node.spawn(process.execPath, [INGOT, ...args, ...flags()]);
  }

  function flags(): readonly string[] {
    const manifests = join(lab.directory, "manifests");
    return ["--manifests", manifests, "--port", "0", "--health-probe-port", "0"];
  }

  function write(name: string, text: string): void {
    writeFileSync(join(lab.directory, "manifests", name), text);
  }

  async function answers(address: string): Promise<boolean> {
    const args = ["-c", "1", "-w", "1", "-i", "eth0", address];
    return (await client.exec("arping", args, { allowFailure: true })).code === 0;
  }

  function answered(address: string, expected: boolean): Promise<boolean> {
    return until(async () => (await answers(address)) === expected, {
      timeoutMs: 10_000,
      what: `${address} to be ${expected ? "answered" : "silent"}`,
    });
  }

  it("answer for a Service that appears", async () => {
    write("pool.yaml", pool("lan", "10.77.0.64-10.77.0.65"));
    write("advertisement.yaml", advertisement);
    write("web.yaml", web);
    await answered("10.77.0.64", true);
  });

  it("go on when a manifest is no YAML any more, and say which line is wrong", async () => {
    write("pool.yaml", "spec: [unclosed");
    await controller.waitForLine(/pool\.yaml/, 5_000);
    expect(await answers("10.77.0.64")).toBe(true);
    write("pool.yaml", pool("lan", "10.77.0.64-10.77.0.65"));
  });

  it("go on when a pool's range is wrong, and name object, field and value", async () => {
    write("pool.yaml", pool("lan", "10.77.0.64-10.77.0.300"));
    await controller.waitForLine(/10\.77\.0\.300/, 5_000);
    const line = controller.lines.find((text) => text.includes("10.77.0.300"));
    expect(line).toMatch(/lan/);
    expect(line).toMatch(/spec\.addresses\[0\]/);
    expect(await answers("10.77.0.64")).toBe(true);
    write("pool.yaml", pool("lan", "10.77.0.64-10.77.0.65"));
  });

  it("go on when a second pool overlaps, and name both", async () => {
    write("other.yaml", pool("other", "10.77.0.65/32"));
    const line = await controller.waitForLine(/overlaps with already defined CIDR/, 5_000);
    expect(line).toMatch(/other/);
    expect(line).toMatch(/lan/);
    expect(await answers("10.77.0.64")).toBe(true);
  });

  it.each([
    ["is taken down and up", ["link set dev eth0 down", "link set dev eth0 up"]],
    ["gets another MAC address", ["link set dev eth0 address 02:77:00:00:00:99"]],
    [
      "is renamed",
      ["link set dev eth0 down", "link set dev eth0 name lan0", "link set dev lan0 up"],
    ],
  ])("answer again when the interface %s", async (_, commands) => {
    await node.ip(commands);
    await answered("10.77.0.64", true);
  });

  it("answer again when the interface is deleted and made anew", async () => {
    await client.ip(["link delete dev eth0"]);
    await lab.link(
      { ns: node, name: "eth0", addresses: ["10.77.0.11/24"] },
      { ns: client, name: "eth0", addresses: ["10.77.0.2/24"] },
    );
    await answered("10.77.0.64", true);
  });

  it("fall silent when the Service is gone", async () => {
    write("web.yaml", "");
    await answered("10.77.0.64", false);
  });

  it("end with code 0 on SIGTERM", async () => {
    for (const program of [speaker, controller]) {
      await program.stop("SIGTERM", 5_000);
      expect(await program.exited).toEqual({ code: 0, signal: null });
    }
  });

  it("say which capability is missing and how to grant it, and end with code 1", async () => {
    const args = ["--bounding-set", "-net_raw", "--inh-caps", "-net_raw", process.execPath, INGOT];
    const result = await node.exec(
      "setpriv",
      [...args, "speaker", "--node-name", "n1", ...flags()],
      { allowFailure: true, timeoutMs: 20_000 },
    );
    expect(result.code).toBe(1);
    expect(result.stdout + result.stderr).toMatch(/CAP_NET_RAW/);
    expect(result.stdout + result.stderr).toMatch(/setcap/);
  });
});
