import { type Eligible, NO_TABLE, newer, type Table } from "@ingot/ownership";
import type { Key, ServiceRecord } from "../domain.ts";
import { isOurs } from "../reconcile/allocation.ts";
import { OWNERS_ANNOTATION, tableOf } from "../reconcile/owners.ts";
import { ServiceGroups } from "../reconcile/service-groups.ts";
import type { Scene } from "./scene.ts";

/** Services that one node answers for, as an operator's command sees them. */
export interface OwnedGroup {
  /** The first Service by name. */
  readonly id: Key;
  readonly services: readonly ServiceRecord[];
  readonly addresses: readonly string[];
  /** The newest of its Services; epoch 0 when there is none. */
  readonly table: Table;
  /** Empty when no node may answer. */
  readonly eligible: Eligible;
  /** Who answers; undefined when nobody says so, or not for all of them the same. */
  readonly holder: string | undefined;
}

/** All groups of the Services that have addresses, by name. */
export function groupsOf(scene: Scene): readonly OwnedGroup[] {
  const groups = new ServiceGroups();
  for (const service of scene.world.table("service").values()) {
    if (isOurs(service, scene.options.lbClass)) groups.set(service.key, service.ingress);
  }
  return [...groups.all()]
    .map(({ members }) => groupOf(scene, [...members].sort()))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function groupOf(scene: Scene, keys: readonly Key[]): OwnedGroup {
  const services = keys.flatMap((key) => scene.service(key) ?? []);
  const holders = new Set(keys.flatMap((key) => scene.holders.holderOf(key)?.node ?? []));
  const eligible = services
    .map((service) => scene.eligible.of(service, service.ingress))
    .find((answer) => answer !== undefined);
  const [holder] = holders;
  return {
    id: keys[0] ?? "",
    services,
    addresses: [...new Set(services.flatMap(({ ingress }) => ingress))],
    table: services
      .map(({ annotations }) => tableOf(annotations[OWNERS_ANNOTATION] ?? ""))
      .reduce(newer, NO_TABLE),
    eligible: eligible ?? new Map(),
    holder: holders.size === 1 ? holder : undefined,
  };
}
