import { describe, expect, it } from "vitest";
import { ipAddress } from "./ip-address.ts";
import { socketAddress } from "./socket-address.ts";

describe("socket address", () => {
  it("is a struct sockaddr_in for IPv4", () => {
    expect(socketAddress(ipAddress("address", "192.0.2.1"), 3784)).toEqual(
      Uint8Array.of(2, 0, 0x0e, 0xc8, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    );
  });

  it("is a struct sockaddr_in6 for IPv6, of no scope", () => {
    expect(socketAddress(ipAddress("address", "fe80::a"), 179)).toEqual(
      Uint8Array.of(
        ...[10, 0, 0, 179, 0, 0, 0, 0],
        ...[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a],
        ...[0, 0, 0, 0],
      ),
    );
  });
});
