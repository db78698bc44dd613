import type { Kind } from "../domain.ts";
import { projectBfdProfile } from "./bfd-profile.ts";
import { projectBgpAdvertisement } from "./bgp-advertisement.ts";
import { projectBgpPeer } from "./bgp-peer.ts";
import { projectCommunity } from "./community.ts";
import { projectPool } from "./ip-address-pool.ts";
import { projectL2Advertisement } from "./l2-advertisement.ts";
import { projectOwnershipKey } from "./ownership-key.ts";
import { projectEndpointSlice } from "./project-endpoint-slice.ts";
import { projectL2Status } from "./project-l2-status.ts";
import { projectNamespace } from "./project-namespace.ts";
import { projectNode } from "./project-node.ts";
import { projectSecret } from "./project-secret.ts";
import { projectService } from "./project-service.ts";
import type { Projected } from "./projection.ts";
import { projectSpeaker } from "./speaker-lease.ts";

export type { Projected };

/**
 * Cuts an object, as the API or a file has it, down to its record. Never throws: what is wrong
 * with the object is an answer as well.
 *
 * undefined: of no interest (a Service that never was a load balancer, a Lease of somebody else);
 * counts as absent.
 */
export function project<K extends Kind>(kind: K, object: unknown): Projected<K> | undefined {
  return PROJECTIONS[kind](object);
}

const PROJECTIONS: { readonly [K in Kind]: (object: unknown) => Projected<K> | undefined } = {
  service: projectService,
  endpointSlice: projectEndpointSlice,
  node: projectNode,
  namespace: projectNamespace,
  pool: projectPool,
  l2Advertisement: projectL2Advertisement,
  bgpPeer: projectBgpPeer,
  bgpAdvertisement: projectBgpAdvertisement,
  community: projectCommunity,
  bfdProfile: projectBfdProfile,
  secret: projectSecret,
  speaker: projectSpeaker,
  ownershipKey: projectOwnershipKey,
  l2Status: projectL2Status,
};
