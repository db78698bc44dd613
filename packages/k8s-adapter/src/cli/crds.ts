import { stringify } from "yaml";
import { bfdProfile } from "../config/bfd-profile.ts";
import { bgpAdvertisement } from "../config/bgp-advertisement.ts";
import { bgpPeer } from "../config/bgp-peer.ts";
import { community } from "../config/community.ts";
import { configurationState } from "../config/configuration-state.ts";
import { crdOf } from "../config/crd.ts";
import { ipAddressPool } from "../config/ip-address-pool.ts";
import { l2Advertisement } from "../config/l2-advertisement.ts";
import { serviceBgpStatus, serviceL2Status } from "../config/service-status.ts";

/** What `ingot crds` prints: the CustomResourceDefinitions as YAML, ready for `kubectl apply`. */
export function crdYaml(): string {
  return [
    ipAddressPool,
    l2Advertisement,
    bgpPeer,
    bgpAdvertisement,
    bfdProfile,
    community,
    configurationState,
    serviceL2Status,
    serviceBgpStatus,
  ]
    .map((resource) => `---\n${stringify(crdOf(resource), FORMAT)}`)
    .join("");
}

const FORMAT = { aliasDuplicateObjects: false, lineWidth: 100 } as const;
