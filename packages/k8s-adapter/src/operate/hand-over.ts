import { formatTable, type Table } from "@ingot/ownership";
import type { Key } from "../domain.ts";
import { OWNERS_ANNOTATION } from "../reconcile/owners.ts";
import type { Scene } from "./scene.ts";

/** A group that is to be answered for by another node. */
export interface HandOver {
  readonly services: readonly Key[];
  readonly table: Table;
  /** Somebody answers now: there will be something to see. */
  readonly isAnswered: boolean;
}

/** What came of it. */
export type HandedOver =
  | { readonly ok: true; readonly tookMs: number }
  | { readonly ok: false; readonly problem: string };

/**
 * Writes a table to the Services of a group and waits until its first node says that it answers for
 * them. The old node goes on until it has heard the new one, so nothing is lost.
 */
export async function handOver(
  scene: Scene,
  { services, table, isAnswered }: HandOver,
  timeoutMs: number,
): Promise<HandedOver> {
  const since = scene.options.clock.now();
  const [to = ""] = table.nodes;
  for (const key of services) {
    const problem = await write(scene, key, formatTable(table), timeoutMs);
    if (problem !== "") return { ok: false, problem };
  }
  const nodeOf = (key: Key) => scene.holders.holderOf(key)?.node;
  const arrived = () => services.every((key) => [to, undefined].includes(nodeOf(key)));
  const isSeen = () => services.some((key) => nodeOf(key) === to);
  const done = await scene.until(() => arrived() && (isSeen() || !isAnswered), timeoutMs);
  if (done) return { ok: true, tookMs: scene.options.clock.now() - since };
  const holder = services.map(nodeOf).find((node) => node !== undefined && node !== to);
  return {
    ok: false,
    problem: `${to} does not answer after ${timeoutMs / 1_000} s; ${holder ?? "nobody"} does`,
  };
}

/** Answers what went wrong; empty: nothing. A Service that changes meanwhile is read again. */
async function write(scene: Scene, key: Key, owners: string, timeoutMs: number): Promise<string> {
  const { clock, source } = scene.options;
  const end = clock.now() + timeoutMs;
  for (;;) {
    const service = scene.service(key);
    if (service === undefined) return `${key} is gone`;
    if (service.annotations[OWNERS_ANNOTATION] === owners) return "";
    const { resourceVersion } = service;
    const result = await source.writeServiceStatus({
      key,
      resourceVersion,
      addresses: service.ingress,
      annotations: { [OWNERS_ANNOTATION]: owners },
    });
    if (result === "written") return "";
    if (result === "gone") return `${key} is gone`;
    const isFresh = () => scene.service(key)?.resourceVersion !== resourceVersion;
    if (!(await scene.until(isFresh, end - clock.now()))) return `${key} cannot be written`;
  }
}
