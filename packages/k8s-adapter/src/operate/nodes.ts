import { some } from "./report.ts";
import type { Scene } from "./scene.ts";

/** @throws {Error} when nothing is known of a node of that name. */
export function checkNode(scene: Scene, node: string): void {
  const speakers = Array.from(scene.world.table("speaker").values(), (speaker) => speaker.node);
  if (scene.world.table("node").has(node) || speakers.includes(node)) return;
  const known = new Set([...scene.world.table("node").keys(), ...speakers]);
  throw new Error(`there is no node ${node}; there are: ${some([...known].sort()) || "none"}`);
}
