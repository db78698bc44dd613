import type { Ipv6Address } from "./address.ts";
import type { NeighborSolicitation } from "./message.ts";

/** What an {@link NdpAnnouncer} wants done. Frames come first, then what is to be told. */
export type AnnouncerOutput =
  | {
      readonly type: "answer";
      readonly solicitation: NeighborSolicitation;
      /** Whether what neighbours have in their caches gives way: not while the address is probed for. */
      readonly override: boolean;
    }
  | { readonly type: "probe"; readonly address: Ipv6Address; readonly nonce: number }
  /** The question who else has an address that is claimed here. */
  | { readonly type: "check"; readonly address: Ipv6Address }
  | { readonly type: "unsolicited"; readonly address: Ipv6Address }
  /** One unsolicited advertisement, as another claims the address. */
  | { readonly type: "defence"; readonly address: Ipv6Address }
  /** Nobody has the address, as far as was asked: from now on it is announced. */
  | { readonly type: "claimed"; readonly address: Ipv6Address }
  /** The same after it was given up. */
  | { readonly type: "resumed"; readonly address: Ipv6Address }
  | Conflict;

/** Another host claims an announced address, or probes for one that is probed for here. */
export interface Conflict {
  readonly type: "conflict";
  readonly address: Ipv6Address;
  /** The other's. */
  readonly mac: number;
  /** Whether the address was still asked for, or claimed. */
  readonly during: "probe" | "claim";
  /** Whether it stays claimed all the same. */
  readonly isKept: boolean;
  /** False while the conflict goes on that the last defence was about. */
  readonly isNews: boolean;
}
