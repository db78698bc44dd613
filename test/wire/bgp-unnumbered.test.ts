import { fileURLToPath } from "node:url";
import {
  Bird,
  Frr,
  Lab,
  type LabNamespace,
  type LabProcess,
  type Need,
  until,
} from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const PROGRAM = fileURLToPath(new URL("../../examples/dist/unnumbered.js", import.meta.url));
const IPV4 = "203.0.113.10/32";
const IPV6 = "2001:db8::10/128";
/** Of the MAC addresses that the two ends have. */
const OURS = "fe80::77:ff:fe00:a";
const THEIRS = "fe80::77:ff:fe00:b";

/** A router with an interface that has no address but its own. */
interface UnnumberedRouter {
  readonly start: (router: LabNamespace, directory: string) => Promise<void>;
  /** What it says of a route; undefined while it has none. */
  readonly route: (prefix: string) => Promise<string | undefined>;
}

function unnumbered(name: string, need: Need, router: UnnumberedRouter): void {
  suite(`BGP over a cable without addresses, with ${name}`, ["netns", need], () => {
    let lab: Lab;
    let program: LabProcess;

    beforeAll(async () => {
      lab = await Lab.create();
      const [node, rack] = await Promise.all([lab.namespace("node"), lab.namespace("rack")]);
      for (const host of [node, rack]) {
        await host.sysctl("net.ipv6.conf.default.accept_dad", 0);
        await host.sysctl("net.ipv6.conf.all.forwarding", 1);
      }
      await lab.link(
        { ns: node, name: "eth0", mac: "02:77:00:00:00:0a" },
        { ns: rack, name: "eth0", mac: "02:77:00:00:00:0b" },
      );
      await router.start(rack, lab.directory);
      const args = [PROGRAM, "eth0", "65001", "192.0.2.1", IPV4, IPV6];
      program = node.spawn(process.execPath, args);
    });
    afterAll(() => lab?.close());

    it("finds the router, and has a session with it", async () => {
      await program.waitForLine(new RegExp(`the router is ${THEIRS}`), 20_000);
      await program.waitForLine(/established: AS 65002/, 20_000);
    });

    it.each([IPV4, IPV6])("announces %s by our end of the cable", async (prefix) => {
      const route = await until(() => router.route(prefix), { timeoutMs: 10_000, what: prefix });
      expect(route).toContain(OURS);
      expect(route).toContain("eth0");
    });

    it("takes its routes along", async () => {
      await program.stop();
      expect(await program.exited).toEqual({ code: 0, signal: null });
      for (const prefix of [IPV4, IPV6]) {
        const gone = async () => (await router.route(prefix)) === undefined;
        await until(gone, { timeoutMs: 10_000, what: `${prefix} to go` });
      }
    });
  });
}

let bird: Bird | undefined;
unnumbered("BIRD", "bird", {
  start: async (router, directory) => {
    const config = `log stderr all; router id 192.0.2.2;
protocol device {}
protocol radv { interface "eth0" { max ra interval 4; min ra interval 3; default lifetime 0; }; }
protocol bgp to_node {
  local ${THEIRS} as 65002; neighbor ${OURS}%'eth0' as 65001; passive;
  ipv4 { import all; export none; extended next hop; };
  ipv6 { import all; export none; };
}
`;
    bird = await Bird.start(router, { directory, name: "bird", config });
  },
  route: async (prefix) => {
    const routes = await bird?.ask("show route all protocol to_node");
    return routes?.split(/\n(?=\S)/).find((route) => route.startsWith(`${prefix} `));
  },
});

let frr: Frr | undefined;
unnumbered("FRR", "frr", {
  start: async (router, directory) => {
    const config = `interface eth0
 ipv6 nd ra-interval 3
 no ipv6 nd suppress-ra
exit
router bgp 65002
 bgp router-id 192.0.2.2
 no bgp ebgp-requires-policy
 neighbor eth0 interface remote-as external
 neighbor eth0 timers connect 1
 address-family ipv6 unicast
  neighbor eth0 activate
 exit-address-family
`;
    frr = await Frr.start(router, { directory, name: "frr", config });
  },
  route: async (prefix) => {
    const family = prefix.includes(":") ? "ipv6" : "ipv4";
    const found = await frr?.json(`show bgp ${family} unicast ${prefix}`);
    const { paths = [] } = found as { readonly paths?: readonly { readonly valid?: boolean }[] };
    return paths[0]?.valid ? JSON.stringify(paths[0]) : undefined;
  },
});
