import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { LabProcess } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import type { BgpAgent } from "./bgp-agent.ts";
import { BgpLab, ipv4, manyPrefixes } from "./bgp-lab.ts";
import { type MalformedCase, openOf, soundUpdate } from "./bgp-malformed-cases.ts";

// What a session's end looks like to the peer, octet by octet, when it is we who end it.

/** How a session ends, and the NOTIFICATION that has to come of it, in hexadecimal. */
interface Farewell extends Pick<MalformedCase, "restartTimeS"> {
  readonly name: string;
  readonly end: (agent: BgpAgent, peer: string) => Promise<unknown>;
  readonly answer: string;
  /** Sent once the session is up. */
  readonly send?: string;
  /** It reads nothing more, until it is told to. */
  readonly isDeaf?: boolean;
}

const hex = (text: string) => Buffer.from(text).toString("hex");
const nothing = async () => {};

const FAREWELLS: readonly Farewell[] = [
  {
    name: "RFC 9003: an administrative shutdown",
    end: (agent, peer) => agent.stopPeer(peer, { text: "node drained" }),
    answer: `06020c${hex("node drained")}`,
  },
  { name: "one without a text", end: (agent, peer) => agent.stopPeer(peer), answer: "0602" },
  {
    name: "RFC 9003: an administrative reset",
    end: (agent, peer) => agent.resetPeer(peer, { text: "Größe" }),
    answer: `060407${hex("Größe")}`,
  },
  {
    name: "RFC 4486: a peer that is removed",
    end: (agent, peer) => agent.removePeer(peer),
    answer: "0603",
  },
  {
    name: "RFC 4486: more prefixes than are allowed",
    end: nothing,
    send: soundUpdate(undefined) + soundUpdate(undefined, "18c63365"),
    answer: "060100010100000001",
  },
  {
    name: "RFC 8538: a final shutdown where a NOTIFICATION would keep the routes",
    restartTimeS: 60,
    end: (agent, peer) => agent.stopPeer(peer, { text: "bye" }),
    answer: `0609060203${hex("bye")}`,
  },
  {
    name: "RFC 8538: a shutdown that keeps them",
    restartTimeS: 60,
    end: (agent, peer) => agent.stopPeer(peer, { graceful: true }),
    answer: "0602",
  },
  {
    name: "RFC 9384: a path that BFD says is down",
    end: async (agent, peer) => {
      await agent.bfd(peer, "up");
      await agent.bfd(peer, "down");
    },
    answer: "060a",
  },
  {
    name: "RFC 9687: a peer that takes nothing in",
    isDeaf: true,
    end: async (agent, peer) => {
      await agent.announceMany(manyPrefixes(100_000));
      await agent.ended("down", peer, ({ notification }) => notification?.code === 8, 20_000);
    },
    answer: "0800",
  },
];

suite("BGP that ends a session", ["netns"], () => {
  const { node, router } = ipv4(0);
  const placed = FAREWELLS.map((farewell, i) => ({ ...farewell, from: `10.92.0.${i + 1}` }));
  let lab: BgpLab;
  let agent: BgpAgent;
  let peers: LabProcess;

  beforeAll(async () => {
    lab = await BgpLab.create(1);
    await lab.router.exec("ip", ["route", "add", "local", "10.92.0.0/16", "dev", "lo"]);
    await lab.node.addRoute("10.92.0.0/16", { via: router });
    // So that somebody who does not read is noticed before megabytes are under way.
    await lab.router.sysctl("net.ipv4.tcp_rmem", "4096 16384 16384");
    await lab.node.sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
    agent = await lab.agent(lab.node);
    await agent.listen({ localAddress: node, port: 179 });
    for (const { from, restartTimeS, isDeaf } of placed) {
      await agent.peer({
        ...{ address: from, asn: 65_002, passive: true, maximumPrefixes: 1 },
        ...(restartTimeS !== undefined && { gracefulRestart: { restartTimeS } }),
        ...(isDeaf === true && { sendHoldMs: 1_000 }),
      });
    }
    const file = `${lab.directory}/farewells.json`;
    const cases = placed.map((farewell) => {
      const { name, from, isDeaf = false, send = "" } = farewell;
      return { name, from, isDeaf, send, open: openOf(farewell), stage: "established" };
    });
    writeFileSync(file, JSON.stringify(cases));
    peers = lab.router.spawn(process.execPath, [PROGRAM, node, file]);
  });
  afterAll(() => lab?.close());

  it.each(placed)("says why: $name", async ({ name, end, from, answer, isDeaf }) => {
    await agent.established(from);
    await end(agent, from);
    if (isDeaf) peers.kill("SIGUSR1"); // it listens again
    const line = await peers.waitForLine(new RegExp(`"name":"${name}"`), 15_000);
    const { notifications } = JSON.parse(line) as { readonly notifications: readonly string[] };
    expect(notifications).toEqual([answer]);
  });
});

const PROGRAM = fileURLToPath(new URL("./bgp-raw-peer.mjs", import.meta.url));
