import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { Listeners } from "./listeners.ts";
import { Speaker } from "./speaker.ts";
import type { BgpConnection, BgpTransport, ListenOptions } from "./transport.ts";

/** Listeners at these places, and what each was told. */
function listenersAt(...places: readonly Pick<ListenOptions, "localAddress" | "device">[]) {
  const listeners = new Listeners();
  const told: string[] = [];
  const add = (): void => {
    for (const place of places) {
      const name = `${place.localAddress}%${place.device ?? ""}`;
      const setKey = (address: string, length: number, password = "none") =>
        told.push(`${name}: ${address}/${length} ${password}`);
      listeners.add(
        { port: 179, setKey, close: () => told.push(`${name} closed`) },
        {
          ...place,
          port: 179,
        },
      );
    }
  };
  return { listeners, told, add };
}

const host = { address: "192.0.2.2", lengthBits: 32, device: undefined };

describe("listeners", () => {
  it("zebra-rs #960, rustbgpd #1495, #1501, maghemite #659: have the keys that were there before them, and later ones", () => {
    const { listeners, told, add } = listenersAt({ localAddress: "192.0.2.1" });
    listeners.setKey(host, "old");
    add();
    listeners.setKey(host, "new");
    listeners.setKey(host, undefined);
    listeners.setKey(host, undefined);
    expect(told).toEqual([
      "192.0.2.1%: 192.0.2.2/32 old",
      "192.0.2.1%: 192.0.2.2/32 new",
      "192.0.2.1%: 192.0.2.2/32 none",
    ]);
  });

  it("are given keys of their own family and their own link alone", () => {
    const { listeners, told, add } = listenersAt(
      { localAddress: "192.0.2.1" },
      { localAddress: "fe80::1", device: "eth0" },
      { localAddress: "fe80::1", device: "eth1" },
    );
    add();
    listeners.setKey(host, "four");
    listeners.setKey({ address: "fe80::2", lengthBits: 128, device: "eth0" }, "zero");
    listeners.setKey({ address: "fe80::2", lengthBits: 128, device: "eth1" }, "one");
    expect(told).toEqual([
      "192.0.2.1%: 192.0.2.2/32 four",
      "fe80::1%eth0: fe80::2/128 zero",
      "fe80::1%eth1: fe80::2/128 one",
    ]);
  });
});

describe("a speaker on two links", () => {
  it("metallb #2685, #1680: tells peers of one link-local address apart by the interface", async () => {
    const accepts = new Map<string, (connection: BgpConnection) => void>();
    const dialled: string[] = [];
    const transport: BgpTransport = {
      dial: ({ address, device }) => {
        dialled.push(`${address}%${device}`);
        return () => {};
      },
      listen: async ({ device = "" }, accept) => {
        accepts.set(device, accept);
        return { port: 179, setKey: () => {}, close: () => {} };
      },
    };
    const clock = new VirtualClock();
    const speaker = new Speaker({ asn: 65_001, routerId: "192.0.2.1", clock, transport });
    const [zero, one] = ["eth0", "eth1"].map((device) =>
      speaker.peer({ address: "fe80::2", device, asn: "external" }),
    );
    expect(dialled).toEqual(["fe80::2%eth0", "fe80::2%eth1"]);
    expect(() => speaker.peer({ address: "fe80::2", device: "eth1", asn: "any" })).toThrow(
      "address must be new, got fe80::2%eth1",
    );
    await speaker.listen({ localAddress: "fe80::1", device: "eth1", port: 179 });
    accepts.get("eth1")?.({
      ...{ localAddress: "fe80::1", remoteAddress: "fe80::2", remotePort: 40_000 },
      ...{ onData: undefined, onDrain: undefined, onClose: undefined },
      ...{ write: () => true, end: () => {}, destroy: () => {} },
    });
    expect([zero?.state, one?.state]).toEqual(["connect", "open-sent"]);
    zero?.remove();
    expect(speaker.peers).toEqual([one]);
  });
});
