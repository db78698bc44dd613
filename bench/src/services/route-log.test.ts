import { describe, expect, it } from "vitest";
import { firstRoutes } from "./route-log.ts";

const LOG = `2026-11-30 03:03:56.605388 <INFO> Started
2026-11-30 03:03:57.611174 <TRACE> n1.ipv4 > removed [sole] 198.18.0.2/32 0L 2G unicast
2026-11-30 03:03:57.611192 <TRACE> n1.ipv4 > added [best] 198.18.0.1/32 0L 2G unicast
2026-11-30 03:03:57.612000 <TRACE> n2.ipv4 > added 198.18.0.1/32 0L 3G unicast
2026-11-30 03:03:58.000001 <TRACE> n2.ipv4 > added 198.18.0.3/32 0L 3G unicast
2026-11-30 03:03:59.000000 <TRACE> n1.ipv4 > added [best] 198.18.0.9/32 0L 3G unicast
`;

describe("firstRoutes", () => {
  it("takes the first route of any node to each address that is asked for", () => {
    const first = firstRoutes(LOG, new Set(["198.18.0.1", "198.18.0.2", "198.18.0.3"]));
    expect([...first.keys()]).toEqual(["198.18.0.1", "198.18.0.3"]);
    const [one = 0, three = 0] = first.values();
    expect(three - one).toBeCloseTo(388.809, 3);
  });
});
