import type { Kind } from "../domain.ts";
import { bfdProfile } from "./bfd-profile.ts";
import { bgpAdvertisement } from "./bgp-advertisement.ts";
import { bgpPeer } from "./bgp-peer.ts";
import { community } from "./community.ts";
import { crdOf } from "./crd.ts";
import type { CustomResource } from "./custom-resource.ts";
import { fieldText, valueAt } from "./field.ts";
import { ipAddressPool } from "./ip-address-pool.ts";
import { l2Advertisement } from "./l2-advertisement.ts";

/**
 * The fields of a configuration object that its kind does not have, most likely misspelt. The API
 * server would tell; nobody else does.
 */
export function unknownFields(kind: Kind, object: object): readonly string[] {
  const resource = RESOURCES[kind];
  if (resource === undefined) return [];
  const schema = valueAt(crdOf(resource), ["spec", "versions", 0, "schema", "openAPIV3Schema"]);
  return [...fieldsBeyond(schema, object, [])].map(fieldText);
}

const RESOURCES: Readonly<Partial<Record<Kind, CustomResource>>> = {
  pool: ipAddressPool,
  l2Advertisement,
  bgpPeer,
  bgpAdvertisement,
  community,
  bfdProfile,
};

type Path = readonly (string | number)[];

function* fieldsBeyond(schema: unknown, value: unknown, path: Path): Generator<Path> {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    const items = valueAt(schema, ["items"]);
    for (const [i, item] of value.entries()) yield* fieldsBeyond(items, item, [...path, i]);
    return;
  }
  // Without properties it is a map, or an object that only the API server knows (metadata).
  const known = valueAt(schema, ["properties"]);
  if (known === undefined) return;
  for (const [name, field] of Object.entries(value)) {
    const fieldSchema = valueAt(known, [name]);
    if (fieldSchema === undefined) yield [...path, name];
    else yield* fieldsBeyond(fieldSchema, field, [...path, name]);
  }
}
