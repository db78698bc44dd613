import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import type { BgpAgent } from "./bgp-agent.ts";
import { BgpLab, IPV6, ipv4 } from "./bgp-lab.ts";
import { CASES, type MalformedCase, openOf, PREFIX, soundUpdate } from "./bgp-malformed-cases.ts";

const SURVIVED: readonly string[] = ["treat-as-withdraw", "discard-attribute"];
const PLACED = CASES.map((wrong, index) => ({ ...wrong, from: addressOf(wrong, index) }));

suite("BGP with a peer that makes mistakes", ["netns"], () => {
  let lab: BgpLab;
  let agent: BgpAgent;
  let peers: LabProcess;

  beforeAll(async () => {
    lab = await BgpLab.create(1);
    const { node, router } = ipv4(0);
    // The other host is whoever it says it is, in all of these.
    await lab.router.exec("ip", ["route", "add", "local", "10.92.0.0/14", "dev", "lo"]);
    await lab.node.addRoute("10.92.0.0/14", { via: router });
    agent = await lab.agent(lab.node);
    const options = { keepRoutes: true, holdTimeS: 90 } as const;
    await agent.peerRange({ ...options, range: "10.92.0.0/16", asn: 65_002 });
    await agent.peerRange({ ...options, range: "10.93.0.0/16", asn: "internal" });
    await agent.peerRange({ ...options, range: "10.94.0.0/16", asn: 65_002, role: 3 });
    await agent.peerRange({
      ...{ ...options, range: "10.95.0.0/16", asn: 65_002 },
      requiredFamilies: [IPV6],
    });
    await agent.listen({ localAddress: node, port: 179 });
    const file = `${lab.directory}/cases.json`;
    const cases = PLACED.map((wrong) => ({ ...wrong, open: openOf(wrong), send: sendOf(wrong) }));
    writeFileSync(file, JSON.stringify(cases));
    peers = lab.router.spawn(process.execPath, [PROGRAM, node, file]);
  });
  afterAll(() => lab.close());

  it.each(PLACED.filter(({ answer }) => !SURVIVED.includes(answer)))(
    "answers $name with $answer",
    async ({ answer, name }) => {
      const line = await peers.waitForLine(new RegExp(`"name":"${name}"`), 10_000);
      const { notifications } = JSON.parse(line) as { readonly notifications: readonly string[] };
      expect(notifications).toEqual(answer === "" ? [] : [answer]);
    },
  );

  it.each(PLACED.filter(({ answer }) => SURVIVED.includes(answer)))(
    "survives $name: $answer",
    async ({ answer, from }) => {
      const { counters, routes, state } = await until(
        async () => {
          const report = await agent.report(from);
          return report.counters.updates === 2 ? report : undefined;
        },
        { timeoutMs: 10_000, what: "both UPDATEs" },
      );
      const isDiscard = answer === "discard-attribute";
      expect(state).toBe("established");
      expect(counters.discardedAttributes).toBe(isDiscard ? 1 : 0);
      expect(counters.treatedAsWithdraw).toBe(isDiscard ? 0 : 1);
      expect(routes.map(({ prefix }) => prefix)).toEqual(isDiscard ? [PREFIX] : []);
    },
  );

  it("keeps the first of two ORIGINs, and nothing of what is not for an external peer", async () => {
    const attributesOf = async (name: string) => {
      const { from = "" } = PLACED.find((wrong) => wrong.name === name) ?? {};
      return (await agent.report(from)).routes[0]?.attributes;
    };
    expect((await attributesOf("ORIGIN twice"))?.origin).toBe("igp");
    expect(await attributesOf("LOCAL_PREF from outside")).not.toHaveProperty("localPref");
  });
});

/** One of its own for each, out of the range for its kind. */
function addressOf({ kind }: MalformedCase, index: number): string {
  const ranges = { external: 92, internal: 93, customer: 94, "ipv6-required": 95 };
  return `10.${ranges[kind ?? "external"]}.0.${index + 1}`;
}

/** What a session survives comes after the same prefix without a mistake, which it must replace. */
function sendOf({ answer, kind, send }: MalformedCase): string {
  return SURVIVED.includes(answer) ? soundUpdate(kind) + send : send;
}

const PROGRAM = fileURLToPath(new URL("./bgp-raw-peer.mjs", import.meta.url));
