import { seededRandom } from "@ingot/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LinkInput, type LinkOutput, PeerLink } from "./peers.ts";

const hello: LinkInput = { type: "hello", intervalMs: 75 };
const tick: LinkInput = { type: "tick" };
const words = (outputs: readonly LinkOutput[]) =>
  outputs.map((output) => (output.type === "query" ? "query" : output.state));

/** A link in a state at time 1000. */
function linkIn(state: "dead" | "live" | "suspect"): PeerLink {
  const link = new PeerLink(3);
  if (state === "suspect") link.handle(hello, 1_000 - 243.75);
  if (state === "suspect") link.handle(tick, 1_000);
  if (state === "live") link.handle(hello, 1_000);
  expect(link.state).toBe(state);
  return link;
}

describe("peer link", () => {
  it.each([
    // state,          hello,    cut
    ["dead" as const, ["live"], []],
    ["live" as const, [], ["dead"]],
    ["suspect" as const, ["live"], ["dead"]],
  ])("follows its table when %s", (state, onHello, onCut) => {
    expect(words(linkIn(state).handle(hello, 1_001))).toEqual(onHello);
    expect(words(linkIn(state).handle({ type: "cut" }, 1_001))).toEqual(onCut);
    expect(words(linkIn(state).handle(tick, 1_001))).toEqual([]);
  });

  it("asks three times within 60 ms, and gives up 304 ms after the last hello", () => {
    const link = linkIn("live");
    const seen: string[] = [];
    while (link.deadline < Number.POSITIVE_INFINITY) {
      const now = link.deadline;
      seen.push(...words(link.handle(tick, now)).map((word) => `${word} ${now - 1_000}`));
    }
    expect(seen).toEqual([
      "query 243.75",
      "suspect 243.75",
      "query 263.75",
      "query 283.75",
      "dead 303.75",
    ]);
  });

  it("needs 62.5 ms with hellos 10 ms apart", () => {
    const link = new PeerLink(3);
    link.handle({ type: "hello", intervalMs: 10 }, 0);
    let last = 0;
    for (; link.deadline < Number.POSITIVE_INFINITY; link.handle(tick, last)) last = link.deadline;
    expect(last).toBe(62.5);
  });

  it("does not hold time against a peer in which nobody listened", () => {
    const link = linkIn("live");
    link.handle({ type: "excuse", ms: 5_000 }, 6_000);
    expect(words(link.handle(tick, 6_000))).toEqual([]);
    expect(link.deadline).toBe(6_243.75);
  });

  it("counts what it heard, and what it should have", () => {
    const link = new PeerLink(3);
    for (const now of [0, 75, 76, 150, 300]) link.handle(hello, now);
    expect(link.counts).toEqual({ heard: 4, expected: 5 });
  });

  it("never throws, and has a deadline unless dead", () => {
    const input = fc.oneof(
      fc
        .integer({ min: 1, max: 0xffff })
        .map((intervalMs): LinkInput => ({ type: "hello", intervalMs })),
      fc.constant(tick),
      fc.constant<LinkInput>({ type: "cut" }),
      fc.nat(999).map((ms): LinkInput => ({ type: "excuse", ms })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(500))), (steps) => {
        const link = new PeerLink(3);
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          link.handle(next, now);
          expect(Number.isFinite(link.deadline)).toBe(link.state !== "dead");
        }
      }),
    );
  });

  // 2,450 links are those of 50 nodes, each of which watches all others.
  it("declares none of 50 nodes dead in ten minutes of 2 % loss", () => {
    expect(falseDeaths(2_450, 600_000, 0.02)).toBe(0);
  });
});

/** How many of some links die of random loss alone. */
function falseDeaths(links: number, forMs: number, loss: number): number {
  const random = seededRandom(1);
  let deaths = 0;
  for (let i = 0; i < links; i++) {
    const link = new PeerLink(3);
    for (let now = 0; now < forMs; now += 75 * (0.95 + 0.05 * random())) {
      while (link.deadline <= now) {
        const asked = link.deadline;
        for (const output of link.handle(tick, asked)) {
          if (output.type === "changed" && output.state === "dead") deaths += 1;
          // The answer comes a millisecond later, unless it or the question got lost.
          if (output.type === "query" && random() > loss && random() > loss)
            link.handle(hello, asked + 1);
        }
      }
      if (random() > loss) link.handle(hello, now + 2 * random());
    }
  }
  return deaths;
}
