import { bench, describe } from "vitest";
import { assign } from "../src/assign.ts";
import { rank } from "../src/order.ts";
import { Seating } from "../src/seating.ts";

const nodes = Array.from({ length: 100 }, (_, i) => ({ name: `node-${i}` }));
const eligible = new Map(nodes.map(({ name }) => [name, 0]));
const groups = Array.from({ length: 10_000 }, (_, i) => ({ id: `group-${i}`, eligible }));
const own = groups.map(({ id }) => ({ id, eligible: new Map(eligible) }));
const at = { unixSeconds: 1_000 };
const tables = assign(new Map(), groups, nodes, at);

describe("10,000 groups on 100 nodes", () => {
  bench("assigned for the first time", () => void assign(new Map(), groups, nodes, at));
  bench("the same, each with a list of eligible nodes of its own", () => {
    assign(new Map(), own, nodes, at);
  });
  bench("assigned again, nothing to do", () => void assign(tables, groups, nodes, at));
  bench("assigned again, one node gone", () => void assign(tables, groups, nodes.slice(1), at));
});

describe("10,000 groups that come one by one", () => {
  bench("seated on 100 nodes", () => {
    const seating = new Seating();
    for (const { id } of groups) seating.seat(id, seating.complete(eligible, []));
  });
});

describe("one address", () => {
  bench("100 nodes ranked by SHA-256", () => void rank("192.0.2.1", eligible));
});
