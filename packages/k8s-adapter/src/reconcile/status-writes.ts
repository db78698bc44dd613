import type { FoundStatus } from "../config/service-status.ts";

/** One write that brings what is said about a Service to what is to be said. */
export type StatusWrite =
  /** Makes the object; it says nothing before the next write. */
  | { readonly type: "create"; readonly name: string }
  /** Makes it this program's: what ends with its owner must not end with the one before. */
  | { readonly type: "own"; readonly name: string }
  | { readonly type: "tell"; readonly name: string; readonly places: readonly string[] }
  | { readonly type: "remove"; readonly name: string };

/** What is to be said of one Service. */
export interface WantedStatus {
  /** Of the object when it has to be made. */
  readonly name: string;
  /** Names of interfaces or of BGPPeers; undefined: nothing, there is to be no object. */
  readonly places: readonly string[] | undefined;
  /** The uid of its owner; empty: none, and one that is there stays. */
  readonly owner: string;
  /** It begins now: what says so already was said before, and its age must not tell otherwise. */
  readonly isNews: boolean;
}

/**
 * What has to be written, in this order; nothing when all is as it should be. Of several objects
 * about one Service, which are left from another program, one stays, unless it is news.
 */
export function statusWrites(
  { name, places, owner, isNews }: WantedStatus,
  found: readonly FoundStatus[],
): readonly StatusWrite[] {
  const usable = isNews ? found.filter((each) => each.places === undefined) : found;
  const kept =
    places === undefined ? undefined : (usable.find((each) => each.name === name) ?? usable[0]);
  const writes: StatusWrite[] = found
    .filter((each) => each !== kept)
    .map((each) => ({ type: "remove", name: each.name }));
  if (places === undefined) return writes;
  if (kept === undefined) {
    return [...writes, { type: "create", name }, { type: "tell", name, places }];
  }
  if (owner !== "" && kept.owner !== owner) writes.push({ type: "own", name: kept.name });
  if (!saysSo(kept.places, places)) writes.push({ type: "tell", name: kept.name, places });
  return writes;
}

function saysSo(said: readonly string[] | undefined, places: readonly string[]): boolean {
  return said !== undefined && JSON.stringify(said) === JSON.stringify(places);
}
