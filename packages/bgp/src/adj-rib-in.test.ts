import { describe, expect, it } from "vitest";
import { AdjRibIn } from "./adj-rib-in.ts";
import type { ReceivedRoutes } from "./import.ts";
import type { PathAttributes } from "./path-attributes.ts";

const attributes: PathAttributes = { origin: "igp", asPath: [], nextHop: "192.0.2.1" };

class Filled {
  readonly rib = new AdjRibIn();

  constructor(...prefixes: readonly string[]) {
    for (const prefix of prefixes) this.say(prefix.includes(":") ? 2 : 1, { announced: [prefix] });
  }

  say(afi: number, said: Partial<ReceivedRoutes>): readonly string[] {
    const nothing = { withdrawn: [], announced: [], endOfRib: false, replay: undefined } as const;
    return this.rib.take({ ...nothing, family: { afi, safi: 1 }, attributes, ...said });
  }

  get prefixes(): readonly string[] {
    return Array.from(this.rib, ({ prefix }) => prefix);
  }
}

describe("RFC 7313 section 4.2: a replay", () => {
  it("takes away what it does not bring again, of its own family", () => {
    const filled = new Filled("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32");
    filled.say(1, { replay: "begins" });
    filled.say(1, { announced: ["198.51.100.0/24"] });
    filled.say(1, { withdrawn: ["203.0.113.0/24"] });
    expect(filled.prefixes).toHaveLength(3);
    expect(filled.say(1, { replay: "ends" })).toEqual(["192.0.2.0/24"]);
    expect(filled.prefixes).toEqual(["198.51.100.0/24", "2001:db8::/32"]);
  });

  it("may begin anew before it ended, and ends nothing that did not begin", () => {
    const filled = new Filled("192.0.2.0/24");
    expect(filled.say(1, { replay: "ends" })).toEqual([]);
    filled.say(1, { replay: "begins" });
    filled.say(1, { announced: ["192.0.2.0/24"] });
    filled.say(1, { replay: "begins" });
    expect(filled.say(1, { replay: "ends" })).toEqual(["192.0.2.0/24"]);
  });
});
