import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";
import { Wire, type WireOptions } from "./wire.ts";

/** A wire with three ports, and what each of them received: the first octet and the moment. */
function segment(options: WireOptions = {}) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const ports = [wire.attach(), wire.attach(), wire.attach()] as const;
  const received = ports.map((port) => {
    const frames: string[] = [];
    port.onFrame = (frame) => frames.push(`${frame[0]}@${clock.now()}`);
    return frames;
  });
  return { clock, ports, received };
}

/** The first octets that the second port receives of 250 frames sent by the first, 1 ms apart. */
function transcript(options: WireOptions): number[] {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const [from, to] = [wire.attach(), wire.attach()];
  const octets: number[] = [];
  to.onFrame = (frame) => octets.push(frame[0] ?? Number.NaN);
  for (let octet = 0; octet < 250; octet += 1) {
    from.send(Uint8Array.of(octet));
    clock.advance(1);
  }
  clock.advance(1_000);
  return octets;
}

const all = Array.from({ length: 250 }, (_, octet) => octet);

describe("wire", () => {
  it("carries a frame to every other port, after the delay", () => {
    const { clock, ports, received } = segment({ delayMs: 3 });
    ports[0].send(Uint8Array.of(7));
    clock.advance(2);
    expect(received).toEqual([[], [], []]);
    clock.advance(1);
    expect(received).toEqual([[], ["7@3"], ["7@3"]]);
  });

  it("never delivers within the call that sends", () => {
    const { clock, ports, received } = segment();
    ports[1].send(Uint8Array.of(1));
    expect(received).toEqual([[], [], []]);
    clock.advance(0);
    expect(received).toEqual([["1@0"], [], ["1@0"]]);
  });

  it("gives each receiver octets of its own", () => {
    const { clock, ports, received } = segment();
    ports[1].onFrame = (frame) => frame.fill(0);
    const frame = Uint8Array.of(9);
    ports[0].send(frame);
    frame.fill(1);
    clock.advance(0);
    expect(received[2]).toEqual(["9@0"]);
  });

  it("carries nothing to or from a cut port, what is on its way to it included", () => {
    const { clock, ports, received } = segment({ delayMs: 2 });
    ports[0].send(Uint8Array.of(1));
    clock.advance(1);
    ports[1].cut();
    ports[1].send(Uint8Array.of(2));
    clock.advance(10);
    ports[1].heal();
    ports[1].send(Uint8Array.of(3));
    ports[0].send(Uint8Array.of(4));
    clock.advance(10);
    expect(received).toEqual([["3@13"], ["4@13"], ["1@2", "3@13", "4@13"]]);
  });

  it("is left for good by a port that closes", () => {
    const { clock, ports, received } = segment();
    ports[2].close();
    ports[2].heal();
    ports[2].send(Uint8Array.of(1));
    ports[0].send(Uint8Array.of(2));
    clock.advance(10);
    expect(received).toEqual([[], ["2@0"], []]);
  });

  it("loses the share it was told to", () => {
    const octets = transcript({ loss: 0.2 });
    expect(octets.length).toBeGreaterThan(170);
    expect(octets.length).toBeLessThan(230);
    expect(transcript({ loss: 1 })).toEqual([]);
  });

  it("duplicates the share it was told to, and loses nothing", () => {
    const octets = transcript({ duplication: 0.2 });
    expect([...new Set(octets)]).toEqual(all);
    expect(octets.length).toBeGreaterThan(270);
    expect(transcript({ duplication: 1 })).toHaveLength(500);
  });

  it("reorders, and loses nothing", () => {
    const octets = transcript({ reordering: 0.2, reorderingMs: 20 });
    expect(octets).not.toEqual(all);
    expect(octets.toSorted((a, b) => a - b)).toEqual(all);
  });

  it("misbehaves in the same way for the same seed", () => {
    const trouble = { loss: 0.1, duplication: 0.1, reordering: 0.1 };
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(transcript({ ...trouble, seed })).toEqual(transcript({ ...trouble, seed }));
      }),
      { numRuns: 10 },
    );
    expect(transcript({ ...trouble, seed: 1 })).not.toEqual(transcript({ ...trouble, seed: 2 }));
  });

  it.each([
    [{ loss: 1.1 }, "loss must be between 0 and 1, got 1.1"],
    [{ duplication: Number.NaN }, "duplication must be between 0 and 1, got NaN"],
    [{ reordering: -1 }, "reordering must be between 0 and 1, got -1"],
    [{ delayMs: -1 }, "delayMs must be finite and not negative, got -1"],
    [{ reorderingMs: Number.POSITIVE_INFINITY }, "reorderingMs must be finite"],
  ])("refuses the options %j", (options, message) => {
    expect(() => new Wire(new VirtualClock(), options)).toThrow(message);
  });
});
