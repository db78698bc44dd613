import { expect, it } from "vitest";
import { deriveRouterId } from "./router-id.ts";

const HOST = [
  { device: "lo", address: "127.0.0.1", prefixLength: 8 },
  { device: "eth0", address: "10.0.0.7", prefixLength: 24 },
  { device: "eth1", address: "192.0.2.7", prefixLength: 24 },
  { device: "eth1", address: "2001:db8::7", prefixLength: 64 },
];

it("takes the address that the session is bound to", () => {
  expect(deriveRouterId("node-a", HOST, "192.0.2.1", "10.0.0.7")).toBe("10.0.0.7");
});

it("takes the address in the peer's subnet", () => {
  expect(deriveRouterId("node-a", HOST, "192.0.2.1", "")).toBe("192.0.2.7");
});

it("takes the first address that is not of the loopback towards a peer elsewhere, or of IPv6", () => {
  expect(deriveRouterId("node-a", HOST, "198.51.100.1", "")).toBe("10.0.0.7");
  expect(deriveRouterId("node-a", HOST, "2001:db8::1", "2001:db8::7")).toBe("10.0.0.7");
});

// MetalLB's own values for these names.
it.each([
  ["node-a", "171.77.153.120"],
  ["worker-1", "160.112.56.60"],
])("hashes the name of %s where there is no IPv4 address", (node, id) => {
  expect(deriveRouterId(node, [], "2001:db8::1", "")).toBe(id);
});
