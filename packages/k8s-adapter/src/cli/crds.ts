import { stringify } from "yaml";
import { crdOf } from "../config/crd.ts";
import { ipAddressPool } from "../config/ip-address-pool.ts";
import { l2Advertisement } from "../config/l2-advertisement.ts";

/** What `ingot crds` prints: the CustomResourceDefinitions as YAML, ready for `kubectl apply`. */
export function crdYaml(): string {
  return [ipAddressPool, l2Advertisement]
    .map((resource) => `---\n${stringify(crdOf(resource), FORMAT)}`)
    .join("");
}

const FORMAT = { aliasDuplicateObjects: false, lineWidth: 100 } as const;
