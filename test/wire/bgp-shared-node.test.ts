import { Bird, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import type { BgpAgent } from "./bgp-agent.ts";
import { ASN, BgpLab, IPV4, ipv4 } from "./bgp-lab.ts";

// A node whose network plugin runs a router that has the session with the rack: the speaker of the
// load balancer announces to that router, over loopback, which announces on.
suite("BGP on a node that has a router already", ["netns", "bird"], () => {
  const uplink = ipv4(0);
  let lab: BgpLab;
  let onNode: Bird;
  let rack: Bird;
  let agent: BgpAgent;

  beforeAll(async () => {
    lab = await BgpLab.create(1);
    const { directory, node, router } = lab;
    [onNode, rack] = await Promise.all([
      Bird.start(node, { directory, name: "on-node", config: NODE_CONFIG }),
      Bird.start(router, { directory, name: "rack", config: RACK_CONFIG }),
    ]);
    await until(() => rack.established("to_node"), { timeoutMs: 10_000, what: "the uplink" });
  });
  afterAll(() => lab.close());

  it("announces through it, and nothing else", async () => {
    const before = await kernelState();
    agent = await lab.agent(lab.node, { routerId: "10.90.0.9" });
    await agent.announce("192.0.2.1/32", { nextHop: uplink.node });
    await agent.peer({
      ...{ address: "127.0.0.1", localAddress: "127.0.0.1", asn: ASN.node },
      ...{ families: [IPV4], holdTimeS: 9, connectRetryMs: 300 },
    });
    const { negotiated } = await agent.established("127.0.0.1");
    expect(negotiated?.internal).toBe(true);
    const route = await until(() => rackRoute(), { timeoutMs: 10_000, what: "the route" });
    expect(route).toContain(`via ${uplink.node}`);
    expect(await kernelState()).toEqual(before);
  });

  it("leaves the router's own session and routes alone when it stops", async () => {
    await agent.process.stop();
    await until(async () => (await rackRoute()) === "", { timeoutMs: 10_000, what: "its end" });
    expect(await onNode.established("uplink")).toBe(true);
    expect(await rack.ask("show route protocol to_node")).toContain("198.51.100.0/24");
  });

  /** What the node listens on, has routes for, and has addresses of. */
  async function kernelState(): Promise<readonly string[]> {
    const commands = [
      ["ss", "-Hlntu"],
      ["ip", "route", "show", "table", "all"],
      ["ip", "-6", "route", "show", "table", "all"],
      ["ip", "-o", "address"],
    ] as const;
    const answers = await Promise.all(
      commands.map(([command, ...args]) => lab.node.exec(command, args)),
    );
    return answers.map(({ stdout }) => stdout);
  }

  async function rackRoute(): Promise<string> {
    const routes = await rack.ask("show route protocol to_node");
    return routes.split(/\n(?=\S)/).find((line) => line.startsWith("192.0.2.1/32")) ?? "";
  }

  const NODE_CONFIG = `log stderr all;
router id 10.90.0.1;
protocol device {}
protocol direct { ipv4; }
protocol static { ipv4; route 198.51.100.0/24 blackhole; }
protocol bgp uplink {
  local ${uplink.node} as ${ASN.node}; neighbor ${uplink.router} as ${ASN.router};
  connect delay time 1; connect retry time 1;
  ipv4 { import none; export where source ~ [ RTS_STATIC, RTS_BGP ]; next hop self; };
}
protocol bgp load_balancer {
  local 127.0.0.1 as ${ASN.node}; neighbor 127.0.0.1 as ${ASN.node};
  passive; multihop;
  ipv4 { import all; export none; };
}
`;
  const RACK_CONFIG = `log stderr all;
router id 10.90.0.2;
protocol device {}
protocol bgp to_node {
  local ${uplink.router} as ${ASN.router}; neighbor ${uplink.node} as ${ASN.node};
  connect delay time 1; connect retry time 1;
  ipv4 { import all; export none; };
}
`;
});
