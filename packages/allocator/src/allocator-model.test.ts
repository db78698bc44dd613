import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Allocator, type Eviction } from "./allocator.ts";
import type { PoolOptions } from "./entries.ts";
import type { AllocationResult } from "./result.ts";
import type { Sharing } from "./slot.ts";

// The allocator against the slowest and plainest one that could be written: addresses are texts in
// lists, and every question is answered by looking at everything.

/** Entries that do not overlap, and the addresses in each. */
const blocks: Readonly<Record<string, readonly string[]>> = {
  "192.0.2.0/30": ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"],
  "192.0.2.4 - 192.0.2.5": ["192.0.2.4", "192.0.2.5"],
  "192.0.2.254-192.0.3.1": ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"],
  "192.0.3.255/32": ["192.0.3.255"],
  "2001:db8::2/127": ["2001:db8::2", "2001:db8::3"],
  "2001:db8::ff-2001:db8::101": ["2001:db8::ff", "2001:db8::100", "2001:db8::101"],
};
const everyAddress = Object.values(blocks).flat();
const owners = ["a", "b", "c", "d", "e", "f"];

interface Held {
  readonly pool: string;
  readonly addresses: readonly string[];
  readonly sharing: Sharing | undefined;
}

const familyOf = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);
const fails = (reason: string) => ({ ok: false, reason });

class Model {
  pools: readonly PoolOptions[] = [];
  readonly held = new Map<string, Held>();

  setPools(pools: readonly PoolOptions[]): readonly Eviction[] {
    this.pools = pools;
    const evictions: Eviction[] = [];
    for (const [owner, held] of this.held) {
      const pool = pools.find((each) =>
        held.addresses.every((address) => this.usable(each).includes(address)),
      );
      if (pool !== undefined) {
        this.held.set(owner, { ...held, pool: pool.name });
        continue;
      }
      this.held.delete(owner);
      const { sharing: _, ...assignment } = held;
      evictions.push({ owner, assignment });
    }
    return evictions;
  }

  claim(owner: string, addresses: readonly string[], wanted?: string, sharing?: Sharing) {
    if (addresses.includes("nonsense")) return fails("invalid");
    const families = addresses.map(familyOf);
    if (!this.#families(families)) return fails("family");
    const named = this.pools.find((pool) => pool.name === wanted);
    if (wanted !== undefined && named === undefined) return fails("unknown-pool");
    let pool = named;
    for (const address of addresses) {
      const around = this.pools.find((each) => this.written(each).includes(address));
      if (around === undefined) return fails("not-in-a-pool");
      pool ??= around;
      if (pool !== around) return fails("different-pools");
      if (!this.usable(pool).includes(address)) return fails("avoided");
    }
    if (!addresses.every((address) => this.#accepts(address, owner, sharing)))
      return fails("in-use");
    return this.#hold(owner, pool?.name ?? "", addresses, sharing);
  }

  allocate(owner: string, name: string, families: readonly (4 | 6)[], sharing?: Sharing) {
    if (!this.#families(families)) return fails("family");
    const pool = this.pools.find((each) => each.name === name);
    if (pool === undefined) return fails("unknown-pool");
    const held = this.held.get(owner);
    const own = held?.pool === name ? held.addresses : [];
    const chosen: string[] = [];
    for (const family of families) {
      const address = [...own, ...this.usable(pool)].find(
        (each) => familyOf(each) === family && this.#accepts(each, owner, sharing),
      );
      if (address === undefined) {
        const serves = this.written(pool).some((each) => familyOf(each) === family);
        return fails(serves ? "exhausted" : "family");
      }
      chosen.push(address);
    }
    return this.#hold(owner, name, chosen, sharing);
  }

  ownersOf(address: string): string[] {
    return owners.filter((owner) => this.held.get(owner)?.addresses.includes(address));
  }

  written(pool: PoolOptions): string[] {
    return pool.addresses.flatMap((entry) => blocks[entry] ?? []);
  }

  usable(pool: PoolOptions): string[] {
    const avoids = (address: string) => pool.avoidBuggyIPs === true && /\.(0|255)$/.test(address);
    return this.written(pool).filter((address) => !avoids(address));
  }

  #families(families: readonly (4 | 6)[]): boolean {
    return families.length > 0 && new Set(families).size === families.length;
  }

  #accepts(address: string, owner: string, sharing: Sharing | undefined): boolean {
    const others = this.ownersOf(address).filter((other) => other !== owner);
    return others.every((other) => {
      const theirs = this.held.get(other)?.sharing;
      if (sharing === undefined || theirs === undefined || sharing.key === "") return false;
      if (sharing.key !== theirs.key || sharing.backend !== theirs.backend) return false;
      return !sharing.ports.some((port) => theirs.ports.includes(port));
    });
  }

  #hold(owner: string, pool: string, addresses: readonly string[], sharing?: Sharing) {
    this.held.set(owner, { pool, addresses, sharing });
    return { ok: true, assignment: { pool, addresses } };
  }
}

const poolName = fc.constantFrom("p", "q", "r");
const pools = fc
  .tuple(
    fc.shuffledSubarray(Object.keys(blocks), { minLength: 3 }),
    fc.array(poolName, { minLength: 6, maxLength: 6 }),
    fc.uniqueArray(poolName),
  )
  .map(([entries, names, avoiding]): PoolOptions[] =>
    [...new Set(names)].flatMap((name) => {
      const addresses = entries.filter((_, index) => names[index] === name);
      const avoidBuggyIPs = avoiding.includes(name);
      return addresses.length === 0 ? [] : [{ name, addresses, avoidBuggyIPs }];
    }),
  );
const owner = fc.constantFrom(...owners);
const sharing = fc.option(
  fc.record({
    key: fc.constantFrom("web", "web", "web", "dns", "", ""),
    backend: fc.constantFrom("", "", "", "app=a"),
    ports: fc.array(fc.constantFrom("TCP/80", "TCP/443", "UDP/53", "TCP/22"), { maxLength: 2 }),
  }),
  { nil: undefined },
);
const address = fc.constantFrom(...everyAddress, "10.0.0.1", "nonsense");
const family = fc.constantFrom<(4 | 6)[]>(4, 6);

type Step =
  | { readonly type: "pools"; readonly pools: PoolOptions[] }
  | { readonly type: "release"; readonly owner: string }
  | {
      readonly type: "claim";
      readonly owner: string;
      readonly addresses: string[];
      readonly pool: string | undefined;
      readonly sharing: Sharing | undefined;
    }
  | {
      readonly type: "allocate";
      readonly owner: string;
      readonly pool: string;
      readonly families: (4 | 6)[];
      readonly sharing: Sharing | undefined;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pools"), pools }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("release"), owner }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("claim"),
      owner,
      addresses: fc.oneof(
        { weight: 5, arbitrary: fc.tuple(address) },
        { weight: 1, arbitrary: fc.array(address, { maxLength: 3 }) },
      ),
      pool: fc.option(fc.constantFrom("p", "q", "none"), { nil: undefined, freq: 3 }),
      sharing,
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      type: fc.constant("allocate"),
      owner,
      pool: fc.constantFrom("p", "p", "p", "q", "q", "r", "none"),
      families: fc.oneof(
        { weight: 3, arbitrary: fc.tuple(family) },
        { weight: 2, arbitrary: fc.array(family, { maxLength: 3 }) },
      ),
      sharing,
    }),
  },
);

const byOwner = (evictions: readonly Eviction[]) =>
  evictions.toSorted((a, b) => (a.owner < b.owner ? -1 : 1));

/** Long, as it takes some calls before owners meet: mixtures of 60 to 120 steps. */
const sequence = fc.array(step, { minLength: 60, maxLength: 120, size: "max" });

/** A result without its message, which the model does not write. */
const essence = (result: AllocationResult) => (result.ok ? result : fails(result.reason));
const given = (sharing: Sharing | undefined) => (sharing === undefined ? {} : { sharing });

function run(allocator: Allocator, model: Model, step: Step): void {
  switch (step.type) {
    case "pools":
      expect(byOwner(allocator.setPools(step.pools))).toEqual(byOwner(model.setPools(step.pools)));
      return;
    case "release": {
      const { sharing: _, ...assignment } = model.held.get(step.owner) ?? { sharing: undefined };
      const expected = model.held.delete(step.owner) ? assignment : undefined;
      expect(allocator.release(step.owner)).toEqual(expected);
      return;
    }
    case "claim": {
      const { owner, addresses, pool, sharing } = step;
      const options = { ...(pool === undefined ? {} : { pool }), ...given(sharing) };
      const result = allocator.claim(owner, addresses, options);
      expect(essence(result)).toEqual(model.claim(owner, addresses, pool, sharing));
      return;
    }
    case "allocate": {
      const { owner, pool, families, sharing } = step;
      const result = allocator.allocate(owner, { pool, families, ...given(sharing) });
      expect(essence(result)).toEqual(model.allocate(owner, pool, families, sharing));
    }
  }
}

/** All that can be seen of an allocator. */
function stateOf(allocator: Allocator) {
  return {
    assignments: owners.map((owner) => allocator.assignment(owner)),
    owners: everyAddress.map((address) => allocator.ownersOf(address).toSorted()),
    poolOf: everyAddress.map((address) => allocator.poolOf(address)),
    stats: allocator.pools.map((pool) => allocator.stats(pool)),
  };
}

function expectedState(model: Model): ReturnType<typeof stateOf> {
  const assigned = owners.map((owner) => model.held.get(owner));
  return {
    assignments: assigned.map((held) => held && { pool: held.pool, addresses: held.addresses }),
    owners: everyAddress.map((address) => model.ownersOf(address)),
    poolOf: everyAddress.map(
      (address) => model.pools.find((pool) => model.usable(pool).includes(address))?.name,
    ),
    stats: model.pools.map((pool) => {
      const count = (family: 4 | 6, used: boolean) => {
        const usable = model.usable(pool).filter((address) => familyOf(address) === family);
        return BigInt(
          usable.filter((address) => model.ownersOf(address).length > 0 === used).length,
        );
      };
      return {
        assignedIPv4: count(4, true),
        availableIPv4: count(4, false),
        assignedIPv6: count(6, true),
        availableIPv6: count(6, false),
      };
    }),
  };
}

describe("allocator and model", () => {
  it("agree whatever is asked in whatever order", () => {
    fc.assert(
      fc.property(pools, sequence, (first, steps) => {
        const allocator = new Allocator();
        const model = new Model();
        for (const next of [{ type: "pools", pools: first } as const, ...steps]) {
          run(allocator, model, next);
          expect(stateOf(allocator)).toEqual(expectedState(model));
        }
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});
