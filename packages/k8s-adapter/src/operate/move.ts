import { nextEpoch } from "@ingot/ownership";
import type { Key } from "../domain.ts";
import { isOurs } from "../reconcile/allocation.ts";
import { isEvacuated } from "../reconcile/eligibility.ts";
import { groupsOf, type OwnedGroup } from "./groups.ts";
import { handOver } from "./hand-over.ts";
import { checkNode } from "./nodes.ts";
import { type Report, seconds, some } from "./report.ts";
import type { Scene } from "./scene.ts";

/**
 * Has a node answer for a Service, and for all that share an address with it.
 *
 * @returns whether it answers now.
 * @throws {Error} when it may not be asked for that; the message says why.
 */
export async function move(
  scene: Scene,
  service: Key,
  node: string,
  timeoutMs: number,
  { say, warn }: Report,
): Promise<boolean> {
  const group = groupFor(scene, service, node);
  const { table, holder } = group;
  const names = some(group.services.map(({ key }) => key));
  if (table.nodes[0] === node && (holder ?? node) === node) {
    say(`${names}: ${node} answers already`);
    return true;
  }
  const others = table.nodes.filter((name) => name !== node);
  const next = {
    epoch: nextEpoch(table.epoch, scene.options.wallClock() / 1_000),
    nodes: [node, ...others].slice(0, Math.max(others.length, DEPTH)),
  };
  say(`${names} (${group.addresses.join(", ")}): ${holder ?? table.nodes[0]} -> ${node}`);
  const result = await handOver(
    scene,
    {
      services: group.services.map(({ key }) => key),
      table: next,
      isAnswered: holder !== undefined,
    },
    timeoutMs,
  );
  if (!result.ok) warn(`${names}: ${result.problem}`);
  else if (holder === undefined) say(`nobody answers for ${names} now; ${node} is to be the first`);
  else say(`${node} answers after ${seconds(result.tookMs)}`);
  return result.ok;
}

const DEPTH = 3;

function groupFor(scene: Scene, key: Key, node: string): OwnedGroup {
  const service = scene.service(key);
  if (service === undefined || !isOurs(service, scene.options.lbClass)) {
    throw new Error(`there is no Service ${key} of type LoadBalancer that is ours`);
  }
  if (service.ingress.length === 0) throw new Error(`${key} has no address yet`);
  checkNode(scene, node);
  const group = groupsOf(scene).find(({ services }) => services.some((one) => one.key === key));
  if (group === undefined || group.eligible.size === 0) {
    throw new Error(
      `no node may answer for ${key} on layer 2: no L2Advertisement selects it, or no node that has a speaker and, under policy Local, an endpoint`,
    );
  }
  const score = group.eligible.get(node);
  if (score === undefined) {
    throw new Error(
      `${node} may not answer for ${key}; those that may: ${some([...group.eligible.keys()].sort())}`,
    );
  }
  if (isEvacuated(score) && [...group.eligible.values()].some((other) => !isEvacuated(other))) {
    throw new Error(`${node} is being evacuated; first: ingot evacuate --undo ${node}`);
  }
  if (group.table.epoch === 0) {
    throw new Error(
      `${key} has no table of owners: is there a controller with --ownership even, and had it a moment's time?`,
    );
  }
  return group;
}
