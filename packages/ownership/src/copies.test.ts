import { describe, expect, it } from "vitest";
import { Copies } from "./copies.ts";
import { OwnershipNode } from "./node.ts";
import { keys, Pair } from "./testing/pair.ts";

const hello = new Uint8Array(80).fill(7);

/** Copies where two interfaces are heard. */
function start(): Copies {
  const copies = new Copies();
  copies.isCopy(new Uint8Array(80), "eth1", 0);
  copies.isCopy(hello, "eth0", 1_000);
  copies.keep(hello, "eth0", 1_000);
  return copies;
}

describe("copies", () => {
  it("are the same octets by another interface within 50 ms, once for each interface", () => {
    const copies = start();
    expect(copies.isCopy(hello.slice(), "eth0", 1_000)).toBe(false);
    expect(copies.isCopy(hello.slice(), "eth1", 1_050)).toBe(true);
    expect(copies.isCopy(hello.slice(), "eth1", 1_050)).toBe(false);
    expect(copies.isCopy(hello.slice(), "eth2", 1_050)).toBe(true);
    expect(start().isCopy(hello.slice(), "eth1", 1_051)).toBe(false);
  });

  it("are not what merely has the same seal", () => {
    const forged = hello.slice();
    forged[0] = 8;
    expect(start().isCopy(forged, "eth1", 1_001)).toBe(false);
    expect(start().isCopy(hello.subarray(40), "eth1", 1_001)).toBe(false);
    expect(start().isCopy(new Uint8Array(0), "eth1", 1_001)).toBe(false);
  });

  it("keep a peer live on both interfaces that are on one network, with both of its addresses", () => {
    const pair = new Pair();
    const twice = new OwnershipNode({ node: "n3", boot: 9, keys, random: () => 0.5 });
    for (const name of ["eth0", "eth1"]) twice.handle({ type: "up", interface: name, mac: 3 }, 0);
    let sent = 0;
    for (let now = 1; now < 2_000; now++) {
      pair.run(now);
      const news = pair.sent.slice(sent);
      sent = pair.sent.length;
      for (const [from, bytes] of news) {
        for (const name of ["eth0", "eth1"]) {
          const outputs = twice.handle({ type: "datagram", interface: name, from, bytes }, now);
          for (const output of outputs) {
            if (output.type !== "send" || output.to === undefined) continue;
            pair.feed(output.to, {
              type: "datagram",
              interface: "eth0",
              from: "n3",
              bytes: output.bytes,
            });
          }
        }
      }
      if (now >= twice.deadline) twice.handle({ type: "tick" }, now);
    }
    const peer = twice.peers.get("n1");
    expect([peer?.stateOn("eth0"), peer?.stateOn("eth1")]).toEqual(["live", "live"]);
    expect(twice.counters.rejected.get("replayed") ?? 0).toBe(0);
    expect(peer?.hasMac(0x0200_0000_0001)).toBe(true);
  });
});
