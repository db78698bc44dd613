import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const program = fileURLToPath(new URL("../../examples/dist/answer-ndp.js", import.meta.url));
const address = "fd77::10";
const mac = "02:77:00:00:00:0a";

suite("NDP, with Linux's neighbour table as judge", ["netns", "ndisc6"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;
  let responder: LabProcess;

  beforeAll(async () => {
    lab = await Lab.create();
    node = await lab.namespace("n1");
    client = await lab.namespace("c1");
    await lab.link(
      { ns: node, name: "eth0", mac, addresses: ["fd77::1/64"] },
      { ns: client, name: "eth0", addresses: ["fd77::2/64"] },
    );
    // Not five seconds from the first packet over a stale entry to the probe.
    await client.sysctl("net/ipv6/neigh/eth0/delay_first_probe_time", 1);
    responder = node.spawn(process.execPath, [program, "eth0", address]);
    await responder.waitForLine(/answering for/, 10_000);
  });

  afterAll(() => lab?.close());

  /** Sends a datagram to the address, so that the kernel looks for its neighbour. */
  async function send(): Promise<void> {
    const script = `const s = require("node:dgram").createSocket("udp6");
      s.send("?", 9, "${address}", () => s.close());`;
    await client.exec(process.execPath, ["-e", script], { allowFailure: true });
  }

  async function ip(command: string): Promise<void> {
    await client.exec("ip", ["-6", ...command.split(" ")]);
  }

  async function entry(): Promise<string> {
    return (await client.exec("ip", ["-6", "neighbour", "show", address])).stdout.trim();
  }

  function becomes(state: RegExp): Promise<string | undefined> {
    const look = async () => {
      const seen = await entry();
      expect(seen).not.toMatch(/FAILED/);
      return state.test(seen) ? seen : undefined;
    };
    return until(look, { timeoutMs: 10_000, what: `a neighbour entry in ${state}` });
  }

  it("resolves the address", async () => {
    await ip("neighbour flush dev eth0");
    await send();
    expect(await becomes(/REACHABLE/)).toContain(`lladdr ${mac}`);
  });

  it("turns a stale entry into a reachable one by a unicast probe, and never into a failed one", async () => {
    await ip(`neighbour change ${address} lladdr ${mac} dev eth0 nud stale`);
    await send();
    await becomes(/DELAY|PROBE|REACHABLE/);
    await becomes(/REACHABLE/);
  });

  it("is found by ndisc6", async () => {
    const found = async () =>
      (await client.exec("ndisc6", ["-1", "-w", "1000", address, "eth0"])).stdout.toLowerCase();
    expect(await until(found, { timeoutMs: 10_000, what: "ndisc6 to find it" })).toContain(mac);
  });

  it("lets nobody else pass duplicate address detection with it", async () => {
    await client.sysctl("net/ipv6/conf/eth0/accept_dad", 1);
    await ip(`address add ${address}/64 dev eth0`);
    await until(
      async () =>
        /dadfailed/.test(
          (await client.exec("ip", ["-6", "address", "show", "dev", "eth0"])).stdout,
        ),
      { timeoutMs: 5_000, what: "duplicate address detection to fail" },
    );
    await ip(`address delete ${address}/64 dev eth0`);
  });

  it("answers with the new hardware address after a change", async () => {
    await node.ip(["link set dev eth0 address 02:77:00:00:00:0b"]);
    await until(async () => (await entry()).includes("02:77:00:00:00:0b"), {
      timeoutMs: 5_000,
      what: "the unsolicited advertisement of the new hardware address",
    });
  });

  it("is silent once it ended", async () => {
    await responder.stop("SIGTERM", 5_000);
    expect(await responder.exited).toEqual({ code: 0, signal: null });
    const { code } = await client.exec("ndisc6", ["-1", "-w", "500", "-r", "1", address, "eth0"], {
      allowFailure: true,
    });
    expect(code).not.toBe(0);
  });
});
