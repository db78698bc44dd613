import { type LargeCommunity, parseCommunity, parseLargeCommunity } from "@ingot/bgp";

/** A BGP community as it is written in objects, taken apart. */
export type CommunityValue =
  | { readonly type: "standard"; readonly value: number }
  | { readonly type: "large"; readonly value: LargeCommunity };

/** Reads `65000:100` and, as MetalLB writes them, `large:65000:1:2`; undefined when it is neither. */
export function communityValue(text: string): CommunityValue | undefined {
  try {
    return text.startsWith(LARGE)
      ? { type: "large", value: parseLargeCommunity(text.slice(LARGE.length)) }
      : { type: "standard", value: parseCommunity(text) };
  } catch {
    return undefined;
  }
}

const LARGE = "large:";
