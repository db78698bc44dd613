import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { obstacleTo } from "./obstacle.ts";
import { Speaker } from "./speaker.ts";
import { MemoryNetwork } from "./testing/memory-network.ts";
import { A, B } from "./testing/two-speakers.ts";
import type { BgpConnection } from "./transport.ts";

const bare: BgpConnection = {
  ...{ localAddress: "192.0.2.1", remoteAddress: "192.0.2.2", remotePort: 40_000 },
  ...{ onData: undefined, onDrain: undefined, onClose: undefined },
  write: () => true,
  end: () => {},
  destroy: () => {},
};

describe("a connection that a peer has made", () => {
  it("rustbgpd #1495: is held to the peer's minTtl, unless its listener holds all to it", () => {
    const set: number[] = [];
    const connection = { ...bare, setMinTtl: (minTtl: number) => set.push(minTtl) };
    expect(obstacleTo(connection, 0, { minTtl: 255 })).toBeUndefined();
    expect(set).toEqual([255]);
    expect(obstacleTo(connection, 255, { minTtl: 254 })).toBeUndefined();
    expect(obstacleTo(connection, 0, {})).toBeUndefined();
    expect(set).toEqual([255]);
  });

  it("is refused where that cannot be had", () => {
    expect(obstacleTo(bare, 0, { minTtl: 255 })).toMatch(/^minTtl 255: the transport/);
    const setMinTtl = () => {
      throw new Error("minTtl 255: protocol not available");
    };
    expect(obstacleTo({ ...bare, setMinTtl }, 254, { minTtl: 255 })).toMatch(/not available$/);
  });

  it("is refused at another address than the session is bound to", () => {
    expect(obstacleTo(bare, 0, { localAddress: "192.0.2.1" })).toBeUndefined();
    expect(obstacleTo(bare, 0, { localAddress: "192.0.2.9" })).toBe(
      "the peer connected to 192.0.2.1, not to localAddress 192.0.2.9",
    );
  });
});

/** A speaker that listens at A without a least TTL, on a transport that has none for connections. */
async function listening() {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const speaker = (asn: number, routerId: string) =>
    new Speaker({ asn, routerId, clock, transport: network.host(routerId) });
  const [a, b] = [speaker(65_001, A), speaker(65_002, B)];
  await a.listen({ localAddress: A, port: 179 });
  b.peer({ address: A, asn: 65_001 });
  return { a, clock };
}

describe("a speaker", () => {
  it("has no session with a peer that may be further away than asked for, and says why", async () => {
    const { a, clock } = await listening();
    const peer = a.peer({ address: B, asn: 65_002, passive: true, minTtl: 255 });
    const details: unknown[] = [];
    peer.on("failed", (reason) => details.push(reason));
    clock.advance(30_000);
    expect(peer.state).toBe("active");
    expect(details[0]).toMatchObject({ detail: expect.stringContaining("minTtl 255") });
    expect(peer.counters.failed).toBe(details.length);
  });

  it("forgets such a peer of a range", async () => {
    const { a, clock } = await listening();
    a.peerRange({ range: "192.0.2.0/24", asn: "any", minTtl: 255 });
    let came = 0;
    a.on("peer", () => {
      came += 1;
    });
    clock.advance(30_000);
    expect(came).toBeGreaterThan(1);
    expect(a.peers).toEqual([]);
  });
});
