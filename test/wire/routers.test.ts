import { Bird, ExaBgp, Frr, GoBgp, Lab, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";

suite("the routers of the lab", ["netns", "bird", "frr", "gobgpd", "exabgp"], () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
  });
  afterAll(() => lab.close());

  it("brings routes from each of the others to BIRD", async () => {
    const names = ["bird", "frr", "gobgp", "exabgp"] as const;
    const [bird, frr, gobgp, exabgp] = await Promise.all(names.map((name) => lab.namespace(name)));
    if (!bird || !frr || !gobgp || !exabgp) throw new Error("no namespaces");
    for (const [index, ns] of [frr, gobgp, exabgp].entries()) {
      await lab.link(
        { ns: bird, name: `to${index}`, addresses: [`10.88.${index}.1/24`] },
        { ns, name: "eth0", addresses: [`10.88.${index}.2/24`] },
      );
    }
    const { directory } = lab;
    const neighbor = (index: number) => `protocol bgp peer${index} {
  local 10.88.${index}.1 as 65000; neighbor 10.88.${index}.2 as ${65_001 + index};
  connect delay time 1; connect retry time 1; error wait time 1,2;
  ipv4 { import all; export none; };
}`;
    const judge = await Bird.start(bird, {
      directory,
      name: "bird",
      config: `log stderr all; router id 10.88.0.1;\nprotocol device {}\n${[0, 1, 2].map(neighbor).join("\n")}\n`,
    });
    await Frr.start(frr, {
      directory,
      name: "frr",
      config: `router bgp 65001
 bgp router-id 10.88.0.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.88.0.1 remote-as 65000
 address-family ipv4 unicast
  network 192.0.2.1/32
`,
    });
    const go = await GoBgp.start(gobgp, {
      directory,
      name: "gobgp",
      config: `[global.config]
  as = 65002
  router-id = "10.88.1.2"
[[neighbors]]
  [neighbors.config]
    neighbor-address = "10.88.1.1"
    peer-as = 65000
  [neighbors.transport.config]
    passive-mode = true
`,
    });
    await go.ask("global", "rib", "add", "192.0.2.2/32");
    const exa = await ExaBgp.start(exabgp, {
      directory,
      name: "exabgp",
      config: `neighbor 10.88.2.1 {
  router-id 10.88.2.2; local-address 10.88.2.2; local-as 65003; peer-as 65000; hold-time 9;
  api { processes [ lines ]; neighbor-changes; receive { parsed; update; } }
  static { route 192.0.2.3/32 next-hop 10.88.2.2; }
}
`,
    });
    await until(
      async () => {
        const counts = await Promise.all([0, 1, 2].map((index) => judge.imported(`peer${index}`)));
        return counts.every((count) => count === 1) ? counts : undefined;
      },
      { timeoutMs: 30_000, what: "one route from each" },
    );
    await until(() => exa.heard.some((line) => line.includes('"state": "up"')), {
      timeoutMs: 5_000,
      what: "ExaBGP to say that its session is up",
    });
    expect(await judge.ask("show route")).toMatch(/192\.0\.2\.3\/32/);
  });
});
