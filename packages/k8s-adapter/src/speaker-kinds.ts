import type { Kind } from "./domain.ts";

/** The kinds that a speaker watches. */
export const SPEAKER_KINDS: readonly Kind[] = [
  "pool",
  "l2Advertisement",
  "bgpPeer",
  "bgpAdvertisement",
  "bfdProfile",
  "community",
  "secret",
  "ownershipKey",
  "node",
  "speaker",
  "endpointSlice",
  "service",
];
