import { includesFamily } from "./abilities.ts";
import type { Negotiated } from "./negotiate.ts";
import type { UpdateContext } from "./update.ts";

/** What the reading of UPDATEs depends on, of what a session has agreed on and what one chooses. */
export function updateContextOf(
  negotiated: Negotiated,
  options: Pick<UpdateContext, "firstAsn" | "unrecognizedWellKnown"> = {},
): UpdateContext {
  const { internal, fourOctetAs, families, extendedNextHop, addPath } = negotiated;
  return {
    internal,
    fourOctetAs,
    families,
    extendedNextHop: extendedNextHop.filter((family) => includesFamily(families, family)),
    addPath: addPath.filter(({ receive }) => receive),
    ...options,
  };
}
