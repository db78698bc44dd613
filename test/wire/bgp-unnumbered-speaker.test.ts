import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Bird,
  Frr,
  Lab,
  type LabNamespace,
  type LabProcess,
  type Need,
  parseMetrics,
  until,
} from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fetchInside, INGOT } from "../support/ingot.ts";
import { DUAL_STACK, serviceManifest } from "../support/manifests.ts";
import { suite } from "../support/suite.ts";

const IPV4 = "203.0.113.10/32";
const IPV6 = "2001:db8::10/128";
/** Of the MAC addresses that the two ends have. */
const OURS = "fe80::77:ff:fe00:a";
const THEIRS = "fe80::77:ff:fe00:b";

const manifests = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan }
spec: { addresses: ["${IPV4}", "${IPV6}"] }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: lan }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: rack }
spec: { myASN: 65001, dynamicASN: external, interface: eth0, holdTime: 9s }
---${serviceManifest("web", { spec: DUAL_STACK })}`;

/** A router with an interface that has no address but its own. */
interface UnnumberedRouter {
  readonly start: (router: LabNamespace, directory: string) => Promise<void>;
  /** What it says of a route; undefined while it has none. */
  readonly route: (prefix: string) => Promise<string | undefined>;
}

function unnumbered(name: string, need: Need, router: UnnumberedRouter): void {
  suite(`a BGPPeer with an interface, towards ${name}`, ["netns", need], () => {
    let lab: Lab;
    let node: LabNamespace;
    let speaker: LabProcess;

    beforeAll(async () => {
      lab = await Lab.create();
      const [ours, rack] = await Promise.all([lab.namespace("node"), lab.namespace("rack")]);
      node = ours;
      for (const host of [node, rack]) {
        await host.sysctl("net.ipv6.conf.default.accept_dad", 0);
        await host.sysctl("net.ipv6.conf.all.forwarding", 1);
      }
      await lab.link(
        { ns: node, name: "eth0", mac: "02:77:00:00:00:0a" },
        { ns: rack, name: "eth0", mac: "02:77:00:00:00:0b" },
      );
      await router.start(rack, lab.directory);
      mkdirSync(folder());
      writeFileSync(join(folder(), "all.yaml"), manifests);
      const ingot = (...args: string[]) =>
        node.spawn(process.execPath, [INGOT, ...args, "--manifests", folder()]);
      ingot("controller", "--port", "0", "--health-probe-port", "0");
      speaker = ingot("speaker", "--node-name", "n1");
    });
    afterAll(() => lab?.close());

    const folder = () => join(lab.directory, "manifests");

    it("finds the router by its advertisements, and has a session with it", async () => {
      await speaker.waitForLine(new RegExp(`${THEIRS}.*found the router at the other end`), 20_000);
      await speaker.waitForLine(/BGP session is up/, 20_000);
      const text = await fetchInside(node, "http://127.0.0.1:9120/metrics");
      const up = parseMetrics(text).find((sample) => sample.name === "metallb_bgp_session_up");
      expect(up).toMatchObject({ value: 1, labels: { peer: "eth0:179" } });
    });

    it.each([IPV4, IPV6])("announces %s by this end of the cable", async (prefix) => {
      const route = await until(() => router.route(prefix), { timeoutMs: 10_000, what: prefix });
      expect(route).toContain(OURS);
    });

    it("says so in a ServiceBGPStatus", async () => {
      const file = join(lab.directory, "manifests-status", "bgp", "default.web.n1.yaml");
      const peers = () => /peers:\n\s+- rack/.test(readFileSync(file, "utf8"));
      await until(peers, { timeoutMs: 5_000, what: file });
    });

    it("finds the router again when the cable was pulled", async () => {
      await node.ip(["link set dev eth0 down"]);
      await speaker.waitForLine(/BGP session is down/, 20_000);
      await node.ip(["link set dev eth0 up"]);
      const again = async () =>
        speaker.lines.filter((line) => /BGP session is up/.test(line)).length === 2;
      await until(again, { timeoutMs: 30_000, what: "the session to come back" });
      await until(() => router.route(IPV4), { timeoutMs: 10_000, what: IPV4 });
    });

    it("takes its routes along", async () => {
      await speaker.stop("SIGTERM", 10_000);
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
  error wait time 1, 2;
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
