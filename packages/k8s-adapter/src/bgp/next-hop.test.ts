import { expect, it } from "vitest";
import { otherNextHop } from "./next-hop.ts";

const HOST = [
  { device: "eth0", address: "10.0.0.7", prefixLength: 24 },
  { device: "eth0", address: "fe80::7", prefixLength: 64 },
  { device: "eth0", address: "2001:db8:0:1::7", prefixLength: 64 },
  { device: "eth1", address: "192.0.2.7", prefixLength: 24 },
];

it("is the address of the other family on the interface that the peer is behind", () => {
  expect(otherNextHop(HOST, "10.0.0.1", "")).toEqual({ ipv6: "2001:db8:0:1::7" });
  expect(otherNextHop(HOST, "2001:db8:0:1::1", "")).toEqual({ ipv4: "10.0.0.7" });
  expect(otherNextHop(HOST, "198.51.100.1", "10.0.0.7")).toEqual({ ipv6: "2001:db8:0:1::7" });
});

it("is none where that interface has none, or where it is not known", () => {
  expect(otherNextHop(HOST, "192.0.2.1", "")).toEqual({});
  expect(otherNextHop(HOST, "198.51.100.1", "")).toEqual({});
});
