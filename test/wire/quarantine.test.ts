import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { INGOT } from "../support/ingot.ts";
import { serviceManifest } from "../support/manifests.ts";
import { suite } from "../support/suite.ts";

const CONFIGURATION = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, annotations: { ingot.dev/quarantine: "true" } }
spec: { addresses: [10.77.0.64/31] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all }
`;

suite("an address that a stranger on the LAN has", ["netns", "arping"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let stranger: LabNamespace;
  let client: LabNamespace;
  let speaker: LabProcess;

  beforeEach(async () => {
    lab = await Lab.create();
    const lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    const host = async (name: string, mac: string, address: string) => {
      const ns = await lab.namespace(name);
      const end = { ns, name: "eth0", mac, addresses: [`${address}/24`] };
      await lab.link(end, { ns: lan, name, bridge: "br0" });
      return ns;
    };
    node = await host("node", NODE_MAC, "10.77.0.10");
    stranger = await host("stranger", STRANGER_MAC, "10.77.0.20");
    client = await host("client", "02:77:00:00:00:0c", "10.77.0.2");
    await stranger.ip(["address add 10.77.0.64/24 dev eth0"]);
    mkdirSync(folder());
    writeFileSync(join(folder(), "configuration.yaml"), CONFIGURATION);
    const flags = ["--manifests", folder(), "--port", "0", "--health-probe-port", "0"];
    node.spawn(process.execPath, [INGOT, "controller", ...flags]);
    speaker = node.spawn(process.execPath, [INGOT, "speaker", "--node-name", "n1", ...flags]);
  });

  afterEach(() => lab.close());

  const folder = () => join(lab.directory, "manifests");

  const status = (...path: readonly string[]) => join(lab.directory, "manifests-status", ...path);

  const put = (name: string) =>
    writeFileSync(join(folder(), `${name}.yaml`), serviceManifest(name));

  const addressOf = (name: string) =>
    until(
      () => {
        const text = readFileSync(status("services", `default.${name}.yaml`), "utf8");
        return /ip: (\S+)/.exec(text)?.[1];
      },
      { timeoutMs: 20_000, what: `an address for ${name}` },
    );

  const whoAnswers = async (address: string) => {
    const args = ["-r", "-c", "2", "-W", "0.2", "-i", "eth0", address];
    const { stdout } = await client.exec("arping", args, { allowFailure: true });
    return [...new Set(stdout.match(/[0-9a-f:]{17}/g))];
  };

  it("is left to it, and given to no other Service when the first is gone", async () => {
    put("first");
    expect(await addressOf("first")).toBe("10.77.0.64");
    await speaker.waitForLine(new RegExp(`10\\.77\\.0\\.64.*${STRANGER_MAC}`), 20_000);
    expect(await whoAnswers("10.77.0.64")).toEqual([STRANGER_MAC]);
    await until(() => readFileSync(status("speakers", "n1.yaml"), "utf8").includes("10.77.0.64"), {
      timeoutMs: 20_000,
      what: "the speaker's sign of life to name the address",
    });
    rmSync(join(folder(), "first.yaml"));
    put("second");
    expect(await addressOf("second")).toBe("10.77.0.65");
    await until(async () => (await whoAnswers("10.77.0.65")).join() === NODE_MAC, {
      timeoutMs: 20_000,
      what: "the node to answer for the other address",
    });
    expect(await whoAnswers("10.77.0.64")).toEqual([STRANGER_MAC]);
  });
});

const NODE_MAC = "02:77:00:00:00:0a";
const STRANGER_MAC = "02:77:00:00:00:0b";
