import type { World } from "./world.ts";

/** What was violated, and when. */
export interface Violation {
  readonly at: number;
  readonly text: string;
}

/** How long who answered for an address: gaps with nobody, overlaps of two or more. */
export interface Spans {
  readonly longestGapMs: number;
  readonly longestOverlapMs: number;
}

/** Exactly one node answers for every address of which a node is running that may. */
export function exactlyOne(world: World): readonly Violation[] {
  const at = world.clock.now();
  return world.groups.flatMap((group) => {
    const expected = world.candidates(group).length > 0 ? 1 : 0;
    return group.addresses.flatMap((address) => {
      const holders = world.answering(address);
      if (holders.length === expected) return [];
      return [{ at, text: `${address} has ${holders.length} holders (${holders.join(", ")})` }];
    });
  });
}

/** The addresses of a group sit on one node. */
export function together(world: World): readonly Violation[] {
  return world.groups.flatMap((group) => {
    const holders = new Set(group.addresses.flatMap((address) => world.answering(address)));
    if (holders.size < 2) return [];
    const text = `${group.name} is spread over ${[...holders].join(", ")}`;
    return [{ at: world.clock.now(), text }];
  });
}

/** Gaps and overlaps of an address from `from` until now, by the record. */
export function spansOf(world: World, address: string, from: number): Spans {
  const holders = new Set<string>();
  let since = from;
  let longestGapMs = 0;
  let longestOverlapMs = 0;
  const close = (at: number) => {
    const ms = Math.max(0, at - since);
    if (holders.size === 0) longestGapMs = Math.max(longestGapMs, ms);
    if (holders.size > 1) longestOverlapMs = Math.max(longestOverlapMs, ms);
    since = Math.max(from, at);
  };
  for (const shift of world.shifts) {
    if (shift.address !== address) continue;
    if (shift.isAnswering === holders.has(shift.node)) continue;
    // More than two in a row count as one overlap.
    const staysDouble = holders.size > 1 && (shift.isAnswering || holders.size > 2);
    if (!staysDouble) close(shift.at);
    if (shift.isAnswering) holders.add(shift.node);
    else holders.delete(shift.node);
  }
  close(world.clock.now());
  return { longestGapMs, longestOverlapMs };
}

/** In a planned change nobody falls silent before the new holder has told the neighbours. */
export function toldBeforeSilence(
  world: World,
  address: string,
  from: number,
): readonly Violation[] {
  return world.shifts
    .filter((shift) => shift.at >= from && shift.address === address && !shift.isAnswering)
    .filter((shift) => {
      const isTold = world.announced.some(
        (told) =>
          told.address === address &&
          told.node !== shift.node &&
          told.at >= from &&
          told.at <= shift.at,
      );
      return !isTold;
    })
    .map(({ at, node }) => ({
      at,
      text: `${node} fell silent about ${address} before anybody spoke`,
    }));
}
