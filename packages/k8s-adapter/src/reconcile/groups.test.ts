import { NO_TABLE } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import type { Candidacy } from "./announcement.ts";
import { Groups } from "./groups.ts";

const candidacy = (addresses: readonly string[], changes: Partial<Candidacy> = {}): Candidacy => ({
  addresses,
  eligible: new Map([["n1", 0]]),
  table: NO_TABLE,
  interfaces: ["eth0"],
  places: [],
  ...changes,
});
const groupsOf = (all: ReadonlyMap<string, Candidacy>) => new Groups().of(all);
const names = (...all: readonly (readonly [string, Candidacy])[]) =>
  groupsOf(new Map(all)).map(({ name, addresses }) => `${name}: ${addresses.join(" ")}`);

describe("groups", () => {
  it("are each Service's addresses for themselves", () => {
    const web = candidacy(["10.0.0.1", "fd77::1"]);
    expect(groupsOf(new Map([["default/web", web]]))).toEqual([{ name: "default/web", ...web }]);
    expect(names(["a", candidacy(["10.0.0.1"])], ["b", candidacy(["10.0.0.2"])])).toEqual([
      "a: 10.0.0.1",
      "b: 10.0.0.2",
    ]);
  });

  it("unite those that share an address, also over a third, in one order whatever came first", () => {
    const a = ["a", candidacy(["10.0.0.1"])] as const;
    const b = ["b", candidacy(["fd77::1"])] as const;
    const c = ["c", candidacy(["fd77::1", "10.0.0.1"])] as const;
    for (const all of [
      [a, b, c],
      [c, b, a],
      [b, c, a],
    ]) {
      expect(names(...all)).toEqual(["a, b, c: 10.0.0.1 fd77::1"]);
    }
  });

  it("stay the same objects while nothing of them changes", () => {
    const groups = new Groups();
    const [a, b, c] = [["10.0.0.1"], ["10.0.0.1"], ["10.0.0.2"]].map((one) => candidacy(one)) as [
      Candidacy,
      Candidacy,
      Candidacy,
    ];
    const [shared, other] = groups.of(
      new Map([
        ["a", a],
        ["b", b],
        ["c", c],
      ]),
    );
    const [sharedAgain, changed] = groups.of(
      new Map([
        ["a", a],
        ["b", b],
        ["c", candidacy(["10.0.0.3"])],
      ]),
    );
    expect(sharedAgain).toBe(shared);
    expect(changed).not.toBe(other);
    const [alone] = groups.of(new Map([["a", a]]));
    expect(alone?.name).toBe("a");
    const [newTable] = groups.of(new Map([["a", { ...a, table: { epoch: 9, nodes: ["n1"] } }]]));
    expect(newTable?.table.epoch).toBe(9);
  });

  it("go by the newest table, by nodes that may for all, and answer wherever one wants it", () => {
    const [group] = groupsOf(
      new Map([
        [
          "a",
          candidacy(["10.0.0.1"], {
            table: { epoch: 7, nodes: ["n1"] },
            eligible: new Map([
              ["n1", 0],
              ["n2", 5],
            ]),
            places: ["eth0"],
          }),
        ],
        [
          "b",
          candidacy(["10.0.0.1"], {
            table: { epoch: 8, nodes: ["n2"] },
            eligible: new Map([
              ["n2", 5],
              ["n3", 0],
            ]),
            interfaces: ["eth1"],
            places: ["eth1"],
          }),
        ],
      ]),
    );
    expect(group).toMatchObject({
      table: { epoch: 8, nodes: ["n2"] },
      eligible: new Map([["n2", 5]]),
      interfaces: ["eth0", "eth1"],
      places: ["eth0", "eth1"],
    });
  });

  it("have somebody to answer when no node may for all, and every interface when one wants all", () => {
    const [group] = groupsOf(
      new Map([
        ["a", candidacy(["10.0.0.1"], { places: ["eth0"] })],
        ["b", candidacy(["10.0.0.1"], { eligible: new Map([["n2", 0]]) })],
      ]),
    );
    expect(group?.eligible).toEqual(new Map([["n1", 0]]));
    expect(group?.places).toEqual([]);
  });
});
