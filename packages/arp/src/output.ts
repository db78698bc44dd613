import type { ArpPacket } from "./packet.ts";

/** What an {@link ArpAnnouncer} wants done. Frames come first, then what is to be told. */
export type AnnouncerOutput =
  | { readonly type: "answer"; readonly request: ArpPacket }
  | { readonly type: "probe"; readonly address: number }
  /** One gratuitous packet: a request or a reply, as {@link ArpOperation} counts them. */
  | { readonly type: "gratuitous"; readonly address: number; readonly operation: 1 | 2 }
  /** One gratuitous request, as another claims the address. */
  | { readonly type: "defence"; readonly address: number }
  /** Nobody has the address, as far as was asked: from now on it is announced. */
  | { readonly type: "claimed"; readonly address: number }
  /** The same after it was given up. */
  | { readonly type: "resumed"; readonly address: number }
  | Conflict;

/** Another host claims an announced address, or probes for one that is probed for here. */
export interface Conflict {
  readonly type: "conflict";
  readonly address: number;
  /** The other's. */
  readonly mac: number;
  /** Whether the address was still asked for, or claimed. */
  readonly during: "probe" | "claim";
  /** Whether it stays claimed all the same. */
  readonly isKept: boolean;
  /** False while the conflict goes on that the last defence was about. */
  readonly isNews: boolean;
}
