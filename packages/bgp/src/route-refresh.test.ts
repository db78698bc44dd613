import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRouteRefresh, encodeRouteRefresh } from "./route-refresh.ts";
import { hex } from "./testing/octets.ts";

const MARKER = "ff".repeat(16);

describe("route refresh", () => {
  it.each([
    // RFC 2918 section 3, RFC 7313 section 3.2.
    ["0001 00 01", { afi: 1, subtype: 0, safi: 1 }],
    ["0002 01 01", { afi: 2, subtype: 1, safi: 1 }],
    ["0002 02 01", { afi: 2, subtype: 2, safi: 1 }],
  ])("reads and writes %s", (body, fields) => {
    const message = { type: "route-refresh", ...fields } as const;
    expect(decodeRouteRefresh(hex(body))).toEqual(message);
    expect(encodeRouteRefresh(message)).toEqual(hex(`${MARKER} 0017 05 ${body}`));
  });

  it.each(["0001 01", "0001 02", "0001 01 01 00", "0001 02 01 0000"])(
    "RFC 7313 section 5: answers the length of %s with 7/1 and the complete message",
    (body) => {
      const length = (19 + hex(body).length).toString(16).padStart(4, "0");
      const data = hex(`${MARKER} ${length} 05 ${body}`);
      const fault = { type: "notification", code: 7, subcode: 1, data };
      expect(decodeRouteRefresh(hex(body))).toEqual({ fault });
    },
  );

  it("cuts the complete message to what a NOTIFICATION holds", () => {
    const body = new Uint8Array(4077);
    body[2] = 1;
    const decoded = decodeRouteRefresh(body);
    expect("fault" in decoded && decoded.fault.data.length).toBe(4075);
  });

  it("takes a request with filters (RFC 5291) for the request it is", () => {
    const decoded = decodeRouteRefresh(hex("0001 00 01 01 40 0001 80"));
    expect(decoded).toEqual({ type: "route-refresh", afi: 1, subtype: 0, safi: 1 });
  });

  it("answers a request that is too short with its length", () => {
    const fault = { type: "notification", code: 1, subcode: 2, data: hex("0016") };
    expect(decodeRouteRefresh(hex("000100"))).toEqual({ fault });
  });

  it("answers any octets with a value or a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 32 }), (body) => {
        const decoded = decodeRouteRefresh(body);
        if ("fault" in decoded) expect([1, 7]).toContain(decoded.fault.code);
        else expect(encodeRouteRefresh(decoded).subarray(19)).toEqual(body.subarray(0, 4));
      }),
    );
  });
});
