import { type Move, rebalance } from "@ingot/ownership";
import { groupsOf, type OwnedGroup } from "./groups.ts";
import { handOver } from "./hand-over.ts";
import { type Report, seconds, some } from "./report.ts";
import type { Scene } from "./scene.ts";

/** How addresses are moved. */
export interface RebalanceOptions {
  readonly dryRun: boolean;
  /** How many groups are on the move at a time. */
  readonly atATime: number;
  readonly timeoutMs: number;
}

/**
 * Makes loads even again by the fewest moves there are, so many at a time, each until the new node
 * answers.
 *
 * @returns whether all of them succeeded.
 */
export async function rebalanceAll(
  scene: Scene,
  { dryRun, atATime, timeoutMs }: RebalanceOptions,
  { say, warn }: Report,
): Promise<boolean> {
  const all = groupsOf(scene);
  const groups = all.filter(({ table, eligible }) => table.epoch > 0 && eligible.size > 0);
  if (groups.length === 0 && all.length > 0) {
    warn("no Service has a table of owners: is there a controller with --ownership even?");
    return false;
  }
  const moves = plan(scene, groups);
  const byId = new Map(groups.map((group) => [group.id, group]));
  say(`now:   ${loadsText(groups, [])}`);
  if (moves.length === 0) {
    say("loads are even, there is nothing to move");
    return true;
  }
  say(`after: ${loadsText(groups, moves)}, by ${moves.length} moves`);
  if (dryRun) {
    for (const move of moves) say(lineOf(move, byId.get(move.id)));
    return true;
  }
  let failed = 0;
  let done = 0;
  const waiting = [...moves];
  const work = async () => {
    for (let move = waiting.shift(); move !== undefined; move = waiting.shift()) {
      const group = byId.get(move.id);
      const services = (group?.services ?? []).map(({ key }) => key);
      const isAnswered = group?.holder !== undefined;
      const { table } = move;
      const result = await handOver(scene, { services, table, isAnswered }, timeoutMs);
      done += 1;
      if (!result.ok) failed += 1;
      const line = `${done}/${moves.length} ${lineOf(move, group)}`;
      if (result.ok) say(`${line}, after ${seconds(result.tookMs)}`);
      else warn(`${line}: ${result.problem}`);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  if (failed > 0) warn(`${failed} of ${moves.length} moves did not succeed`);
  return failed === 0;
}

function plan(scene: Scene, groups: readonly OwnedGroup[]): readonly Move[] {
  const names = new Set(groups.flatMap(({ eligible }) => [...eligible.keys()]));
  return rebalance(
    new Map(groups.map(({ id, table }) => [id, table])),
    groups,
    Array.from(names, (name) => ({ name })),
    { unixSeconds: scene.options.wallClock() / 1_000 },
  );
}

function loadsText(groups: readonly OwnedGroup[], moves: readonly Move[]): string {
  const loads = new Map<string, number>();
  const add = (node: string, by: number) => loads.set(node, (loads.get(node) ?? 0) + by);
  for (const { eligible } of groups) for (const node of eligible.keys()) add(node, 0);
  for (const { table } of groups) add(table.nodes[0] ?? "", 1);
  for (const { from, to } of moves) {
    add(from, -1);
    add(to, 1);
  }
  return [...loads]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, load]) => `${node} ${load}`)
    .join(", ");
}

function lineOf({ id, from, to }: Move, group: OwnedGroup | undefined): string {
  const services = (group?.services ?? []).map(({ key }) => key);
  const names = services.length > 0 ? some(services) : id;
  return `${names} (${(group?.addresses ?? []).join(", ")}): ${from} -> ${to}`;
}
