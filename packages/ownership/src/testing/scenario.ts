import type { OmittedRule } from "../claim.ts";
import type { Group } from "../group.ts";
import { chaos, moved, pick } from "./chaos.ts";
import { exactlyOne, spansOf, together, toldBeforeSilence, type Violation } from "./invariants.ts";
import { World } from "./world.ts";

/** What one seed came to. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  /** The longest time with nobody answering after a crash in an otherwise whole network. */
  readonly takeOverMs: number;
  /** The longest time with two nodes answering in a planned change. */
  readonly overlapMs: number;
}

/**
 * Plays one seed: a start, faults at random, a mended network that has to settle, then planned changes
 * and single crashes in peace, each of which has to go as promised.
 */
export function play(seed: number, omit?: OmittedRule, isTraced = false): Outcome {
  const nodes = 2 + (seed % 4);
  const hasManagement = Math.floor(seed / 12) % 2 === 1;
  const world = new World({ seed, nodes, groups: 1 + (seed % 3), hasManagement, omit, isTraced });
  for (const { name } of world.speakers) {
    world.clock.setTimer(world.random() * 200, () => world.start(name));
  }
  world.advance(1_500);
  const violations: Violation[] = [...exactlyOne(world)];
  const check = (found: readonly Violation[]): void => {
    for (const { at, text } of found) world.note(`VIOLATION at ${at.toFixed(1)}: ${text}`);
    violations.push(...found);
  };
  chaos(world, 6_000, 400);
  world.advance(SETTLE_MS);
  check([...exactlyOne(world), ...together(world)]);
  // A node that was late has told everybody to be patient with it for two seconds.
  check(quiet(world, 2_000));
  let takeOverMs = 0;
  let overlapMs = 0;
  for (let step = 0; step < 3 && violations.length === 0; step++) {
    const result = pick(CHANGES, world.random)(world);
    check(result.violations);
    takeOverMs = Math.max(takeOverMs, result.takeOverMs ?? 0);
    overlapMs = Math.max(overlapMs, result.overlapMs ?? 0);
    check([...exactlyOne(world), ...together(world)]);
    check(quiet(world, 300));
  }
  return { seed, violations, trace: world.trace, takeOverMs, overlapMs };
}

interface Result {
  readonly violations: readonly Violation[];
  readonly takeOverMs?: number;
  readonly overlapMs?: number;
}

/** Nothing happens, so nobody begins or ends to answer. */
function quiet(world: World, ms: number): readonly Violation[] {
  const before = world.shifts.length;
  world.advance(ms);
  return world.shifts.slice(before).map(({ at, node, address }) => ({
    at,
    text: `${node} changed its mind about ${address} without a cause`,
  }));
}

/** A change that is planned: at every instant somebody answers, and the new one speaks first. */
function planned(world: World, change: () => void): Result {
  const from = world.clock.now();
  const before = new Map(addressesOf(world).map((address) => [address, world.answering(address)]));
  change();
  world.advance(1_600);
  const violations: Violation[] = [];
  let longest = 0;
  for (const [address, holders] of before) {
    const group = world.groups.find(({ addresses }) => addresses.includes(address));
    if (holders.length === 0 || group === undefined || world.candidates(group).length === 0)
      continue;
    const { longestGapMs, longestOverlapMs } = spansOf(world, address, from);
    longest = Math.max(longest, longestOverlapMs);
    if (longestGapMs > 0)
      violations.push({
        at: from,
        text: `${address}: nobody answers for ${longestGapMs.toFixed(1)} ms`,
      });
    if (longestOverlapMs > 50)
      violations.push({
        at: from,
        text: `${address}: two answer for ${longestOverlapMs.toFixed(1)} ms`,
      });
    violations.push(...toldBeforeSilence(world, address, from));
  }
  return { violations, overlapMs: longest };
}

function moveOne(world: World): Result {
  const group = pick(world.groups, world.random);
  const names = world.candidates(group);
  world.note(`PLANNED MOVE of ${group.name}`);
  const changed = moved(group, names.length > 0 ? names : ["n1"], world.random);
  const groups = replace(world, group, changed);
  const result = planned(world, () => world.decide(groups, 200));
  const [first] = world.candidates(changed);
  return { ...result, violations: [...result.violations, ...heldBy(world, changed, first)] };
}

function leaveOne(world: World): Result {
  if (world.running.length === 0) return { violations: [] };
  const speaker = pick(world.running, world.random);
  world.note(`PLANNED LEAVE of ${speaker.name}`);
  const result = planned(world, () => world.leave(speaker.name));
  return result;
}

function excludeHolder(world: World): Result {
  const group = pick(world.groups, world.random);
  const [holder] = world.answering(group.addresses[0] ?? "");
  if (holder === undefined || world.candidates(group).length < 2) return { violations: [] };
  world.note(`PLANNED EXCLUSION of ${holder} from ${group.name}`);
  const eligible = new Map(group.eligible);
  eligible.delete(holder);
  return planned(world, () => world.decide(replace(world, group, { ...group, eligible }), 200));
}

/** A holder dies: the first live eligible node in the order takes over, within the detection time. */
function crashHolder(world: World): Result {
  const group = pick(world.groups, world.random);
  const [holder] = world.answering(group.addresses[0] ?? "");
  if (holder === undefined) return { violations: [] };
  const lost = world.groups.filter(({ addresses }) =>
    addresses.some((address) => world.answering(address).includes(holder)),
  );
  const peers = world.running.length - 1;
  const from = world.clock.now();
  world.note(`CRASH of the holder ${holder}`);
  world.speaker(holder).crash();
  world.advance(1_600);
  const violations: Violation[] = [];
  let takeOverMs = 0;
  for (const item of lost) {
    const [first] = world.candidates(item);
    if (first === undefined) continue;
    violations.push(...heldBy(world, item, first));
    for (const address of item.addresses) {
      const { longestGapMs } = spansOf(world, address, from);
      takeOverMs = Math.max(takeOverMs, longestGapMs);
      const most = peers > 0 ? DETECTION_MS + 20 : 0;
      if (longestGapMs > most)
        violations.push({
          at: from,
          text: `${address}: nobody answers for ${longestGapMs.toFixed(1)} ms after a crash`,
        });
    }
  }
  return { violations, takeOverMs };
}

/**
 * The API excludes the next in the order and then is gone; only that one and the holder have heard of
 * it when the holder dies. Everybody waits for somebody else, but nobody for long.
 */
function crashDisagreeing(world: World): Result {
  const group = pick(world.groups, world.random);
  const [address = ""] = group.addresses;
  const [holder] = world.answering(address);
  const next = world.candidates(group).find((node) => node !== holder);
  if (holder === undefined || next === undefined) return { violations: [] };
  if (world.candidates(group).length < 3) return { violations: [] };
  world.note(
    `EXCLUSION of ${next} from ${group.name}, known to few; CRASH of the holder ${holder}`,
  );
  const others = world.speakers.filter(({ name }) => name !== holder && name !== next);
  for (const { name } of others) world.setApi(name, false);
  const eligible = new Map(group.eligible);
  eligible.delete(next);
  world.decide(replace(world, group, { ...group, eligible }), 10);
  world.advance(50);
  const from = world.clock.now();
  world.speaker(holder).crash();
  world.advance(3_000);
  const most = DETECTION_MS + 20 + 300 * world.speakers.length;
  const violations = group.addresses
    .map((item) => ({ item, ms: spansOf(world, item, from).longestGapMs }))
    .filter(({ ms }) => ms > most)
    .map(({ item, ms }) => ({ at: from, text: `${item}: nobody answers for ${ms.toFixed(1)} ms` }));
  for (const { name } of others) world.setApi(name, true);
  world.advance(SETTLE_MS);
  return { violations };
}

/**
 * A holder is cut off for a while: somebody takes over, and keeps what it took when the network is whole
 * again. By then the API may say that it is the first.
 */
function isolateHolder(world: World): Result {
  const group = pick(world.groups, world.random);
  const [address = ""] = group.addresses;
  const [holder] = world.answering(address);
  const others = world.running.filter(({ name }) => name !== holder);
  if (holder === undefined || others.length < 2 || world.candidates(group).length < 2) {
    return { violations: [] };
  }
  world.note(`ISOLATION of the holder ${holder} of ${group.name}`);
  for (const { name } of world.speakers) {
    world.lan.cut(holder, name);
    world.lan.cut(name, holder);
  }
  const heirs = () => world.answering(address).filter((node) => node !== holder);
  world.advance(500 + 400 * world.random());
  const [heir] = heirs();
  if (heirs().length !== 1 || heir === undefined) {
    const text = `${address} has ${heirs().length} holders beside ${holder}, which is cut off`;
    return { violations: [{ at: world.clock.now(), text }] };
  }
  const isFollowed = world.random() < 0.5;
  const table = { epoch: group.table.epoch + 1, nodes: [heir, holder] };
  const now = isFollowed ? { ...group, table } : group;
  if (isFollowed) world.decide(replace(world, group, now), 50);
  world.advance(100 * world.random());
  world.note("IT IS BACK");
  world.lan.heal();
  world.advance(1_600);
  return { violations: heldBy(world, now, heir) };
}

function startOne(world: World): Result {
  const down = world.speakers.filter(({ isUp }) => !isUp);
  if (down.length === 0) return { violations: [] };
  const { name } = pick(down, world.random);
  const orphans = world.groups.some((group) => world.candidates(group).length === 0);
  world.note(`START of ${name}`);
  if (!orphans) {
    world.start(name);
    return { violations: quiet(world, 1_600) };
  }
  world.start(name);
  world.advance(1_600);
  return { violations: [] };
}

const CHANGES: readonly ((world: World) => Result)[] = [
  moveOne,
  leaveOne,
  excludeHolder,
  crashHolder,
  crashDisagreeing,
  isolateHolder,
  startOne,
];

function heldBy(world: World, group: Group, node: string | undefined): readonly Violation[] {
  if (node === undefined) return [];
  return group.addresses.flatMap((address) => {
    const holders = world.answering(address);
    if (holders.length === 1 && holders[0] === node) return [];
    const text = `${address} should be with ${node}, is with ${holders.join(", ") || "nobody"}`;
    return [{ at: world.clock.now(), text }];
  });
}

function replace(world: World, one: Group, other: Group): readonly Group[] {
  return world.groups.map((group) => (group === one ? other : group));
}

function addressesOf(world: World): readonly string[] {
  return world.groups.flatMap(({ addresses }) => addresses);
}

/** A second of listening at most, and room for one node that waits for another before it. */
const SETTLE_MS = 1_500;

/** Three and a quarter intervals and 60 ms; up to a fifth of a hello's way besides. */
const DETECTION_MS = 320;
