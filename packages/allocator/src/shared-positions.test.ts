import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SharedPositions } from "./shared-positions.ts";
import type { Sharing } from "./slot.ts";

const web = (...ports: string[]): Sharing => ({ key: "web", backend: "", ports });

describe("shared positions", () => {
  it("finds the lowest with the same key and backend where no port is in use", () => {
    const shared = new SharedPositions();
    shared.join(7n, web("TCP/80"));
    shared.join(3n, web("TCP/80", "TCP/443"));
    shared.join(5n, { ...web("TCP/443"), backend: "app=a" });
    expect(shared.lowest(web("UDP/53"))).toBe(3n);
    expect(shared.lowest(web("TCP/443"))).toBe(7n);
    expect(shared.lowest(web("TCP/80"))).toBeUndefined();
    expect(shared.lowest({ ...web("TCP/80"), backend: "app=a" })).toBe(5n);
    expect(shared.lowest({ ...web("UDP/53"), key: "dns" })).toBeUndefined();
  });

  it("forgets a position with its last owner, and a port with its user", () => {
    const shared = new SharedPositions();
    shared.join(3n, web("TCP/80"));
    shared.join(3n, web());
    shared.leave(3n, web("TCP/80"));
    expect(shared.lowest(web("TCP/80"))).toBe(3n);
    shared.leave(3n, web());
    expect(shared.lowest(web("TCP/80"))).toBeUndefined();
  });

  it("tells a key from a backend", () => {
    const shared = new SharedPositions();
    shared.join(1n, { key: 'a","b', backend: "c", ports: [] });
    expect(shared.lowest({ key: "a", backend: 'b","c', ports: [] })).toBeUndefined();
  });

  it("finds what looking at each position finds, however mixed the ports", () => {
    const ports = fc.uniqueArray(
      fc.constantFrom<string[]>("1", "2", "3", "4", "5", "6", "7", "8"),
      {
        maxLength: 4,
      },
    );
    const many = <T>(item: fc.Arbitrary<T>, maxLength: number) =>
      fc.array(item, { minLength: maxLength / 3, maxLength, size: "max" });
    const step = fc.record({ position: fc.nat(40), ports, leave: fc.boolean() });
    fc.assert(
      fc.property(many(step, 150), many(ports, 60), (steps, probes) => {
        const shared = new SharedPositions();
        const model = new Map<number, string[][]>();
        for (const { position, ports, leave } of steps) {
          const owners = model.get(position) ?? [];
          const leaver = leave ? owners.pop() : undefined;
          if (leaver !== undefined) {
            shared.leave(BigInt(position), web(...leaver));
          } else if (!owners.flat().some((port) => ports.includes(port))) {
            shared.join(BigInt(position), web(...ports));
            owners.push(ports);
          }
          model.set(position, owners);
        }
        for (const probe of probes) {
          const open = [...model].filter(
            ([, owners]) =>
              owners.length > 0 && !owners.flat().some((port) => probe.includes(port)),
          );
          const lowest = open.map(([position]) => position).sort((a, b) => a - b)[0];
          const expected = lowest === undefined ? undefined : BigInt(lowest);
          expect(shared.lowest(web(...probe))).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
});
