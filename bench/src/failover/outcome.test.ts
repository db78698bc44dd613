import { describe, expect, it } from "vitest";
import { answersTable, outageTable, returnTable, type Told, targetsOf } from "./outcome.ts";
import type { Phase } from "./phase.ts";
import { SCENARIOS } from "./scenarios.ts";

const calm: Phase = {
  sent: 1_000,
  lost: 0,
  outageMs: 0,
  unended: false,
  connections: 200,
  failedConnections: 0,
  holders: ["n1"],
  overlapMs: 0,
  silenceMs: 5,
  announcements: {},
};

/** Rounds of a scenario, of which the phases are given from the first step on. */
function told(name: string, phases: readonly (readonly Partial<Phase>[])[], fast = false): Told {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const helloIntervalMs = fast ? 10 : undefined;
  return {
    part: { nodes: 3, helloIntervalMs, scenarios: [name], rounds: undefined },
    scenario,
    rounds: phases.map((steps) => ({
      owner: "n1",
      loadAverage: 0,
      phases: { ipv4: [calm, ...steps.map((step) => ({ ...calm, ...step }))] },
    })),
    brokenBy: undefined,
  };
}

describe("tables", () => {
  const crash = told("crash", [
    [
      { outageMs: 200, lost: 200, failedConnections: 40, holders: ["n1", "n2"] },
      { holders: ["n2"] },
    ],
    [
      { outageMs: 300, lost: 300, silenceMs: 310, overlapMs: 7 },
      { holders: ["n2", "n1"], lost: 2 },
    ],
    [{ outageMs: 250, lost: 250, holders: ["n1", "n2"] }, { holders: ["n2", "n3"] }],
  ]);

  it("have the quantiles of the first step, and sums", () => {
    expect(outageTable([crash]).rows).toEqual([
      ["crash, IPv4, 3 nodes", "3", "250", "300", "300", "300", "750 of 3000", "40 of 600", "0"],
    ]);
  });

  it("have who answered", () => {
    expect(answersTable([crash]).rows).toEqual([
      ["crash, IPv4, 3 nodes", "5", "310", "310", "310", "0", "7"],
    ]);
  });

  it("have what the second step did, where there is one", () => {
    expect(returnTable([crash, told("move", [[{}]])]).rows).toEqual([
      ["crash, IPv4, 3 nodes", "3", "1", "1", "2", "0", "0"],
    ]);
  });
});

describe("targets", () => {
  const missed = (all: readonly Told[]) =>
    targetsOf(all).flatMap(({ what, met }) => (met ? [] : [what]));

  it("are met by a failover in time that is not undone", () => {
    expect(missed([told("crash", [[{ outageMs: 400 }, {}]])])).toEqual([]);
  });

  it("are missed by one that is late, the sooner the faster the hellos are", () => {
    expect(missed([told("cut", [[{ outageMs: 401 }, {}]])])).toEqual(["cut, IPv4, 3 nodes, p99"]);
    expect(missed([told("crash", [[{ outageMs: 101 }, {}]], true)])).toEqual([
      "crash, IPv4, 3 nodes, hellos of 10 ms, p99",
    ]);
  });

  it("are missed by a node that takes back what it had", () => {
    const back = [{ holders: ["n1", "n2"] }, { holders: ["n2", "n1"] }];
    expect(missed([told("partition", [back])])).toEqual(["partition, IPv4, 3 nodes, taken back"]);
  });

  it("hold a killed speaker to who answers, not to what is lost", () => {
    expect(missed([told("kill", [[{ silenceMs: 401 }, {}]])])).toEqual([
      "kill, IPv4, 3 nodes, nobody answers, p99",
    ]);
    expect(missed([told("kill", [[{ outageMs: 401, lost: 401 }, {}]])])).toEqual([]);
  });

  it("are missed by a planned change that anybody notices", () => {
    const noticed = { lost: 1, failedConnections: 1, overlapMs: 51 };
    expect(missed([told("move", [[noticed], [{}]])])).toEqual([
      "move, IPv4, 3 nodes, lost",
      "move, IPv4, 3 nodes, failed",
      "move, IPv4, 3 nodes, two at once, max",
    ]);
  });
});
