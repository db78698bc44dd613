import type { Key } from "../domain.ts";
import { isEvacuated } from "../reconcile/eligibility.ts";
import { groupsOf, type OwnedGroup } from "./groups.ts";
import { checkNode } from "./nodes.ts";
import { type Report, seconds, some } from "./report.ts";
import type { Scene } from "./scene.ts";

/**
 * Marks a node as evacuated and waits until others answer for all that it answered for. It is the
 * controller that moves the addresses.
 *
 * @returns whether the node answers for nothing any more.
 * @throws {Error} when there is no such node, or it cannot be marked.
 */
export async function evacuate(
  scene: Scene,
  node: string,
  timeoutMs: number,
  { say, warn }: Report,
): Promise<boolean> {
  checkNode(scene, node);
  const { clock, source } = scene.options;
  const since = clock.now();
  const had = held(scene, node).length;
  await source.markEvacuated(node, true);
  say(`${node} is marked, it answers for ${had} groups of Services`);
  // Until the mark is seen, everybody else looks as good as this node.
  const isMarked = () => scene.world.table("node").get(node)?.evacuated === true;
  await scene.until(isMarked, timeoutMs);
  const tied = new Set(
    held(scene, node)
      .filter((group) => !hasOther(group, node))
      .flatMap(({ services }) => services.map(({ key }) => key)),
  );
  const isLeft = (key: Key) => !tied.has(key) && scene.holders.holderOf(key)?.node === node;
  let told = clock.now();
  const isOver = () => {
    const left = [...scene.world.table("service").keys()].filter(isLeft).length;
    if (left > 0 && clock.now() - told >= PROGRESS_MS) {
      told = clock.now();
      say(`${left} Services left, after ${seconds(told - since)}`);
    }
    return left === 0;
  };
  const isDone = await scene.until(isOver, timeoutMs - (clock.now() - since));
  const stay = held(scene, node);
  if (stay.length === 0) {
    say(`${node} answers for nothing any more, after ${seconds(clock.now() - since)}`);
    return true;
  }
  const names = some(stay.map(({ id }) => id));
  if (isDone) warn(`no other node may answer for ${names}; it stays with ${node}`);
  else {
    warn(`after ${timeoutMs / 1_000} s ${node} still answers for ${names}; is there a controller?`);
  }
  return false;
}

/** Between two lines that tell how far it has come. */
const PROGRESS_MS = 1_000;

/** Takes the mark away. Nothing moves back by that. @throws {Error} when it cannot. */
export async function undoEvacuation(
  scene: Scene,
  node: string,
  { say }: Report,
): Promise<boolean> {
  checkNode(scene, node);
  await scene.options.source.markEvacuated(node, false);
  say(`${node} may be given addresses again; "ingot rebalance" moves some there`);
  return true;
}

function held(scene: Scene, node: string): readonly OwnedGroup[] {
  return groupsOf(scene).filter(({ holder }) => holder === node);
}

function hasOther({ eligible }: OwnedGroup, node: string): boolean {
  return [...eligible].some(([name, score]) => name !== node && !isEvacuated(score));
}
