import fc from "fast-check";
import { type Ipv6Address, ipv6FromBytes } from "../address.ts";
import type { NdpPacket } from "../message.ts";
import type { NdpOption } from "../option.ts";

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const mac = fc.nat(0xffff_ffff_ffff);
const contents = (units: number) =>
  fc.uint8Array({ minLength: 8 * units - 2, maxLength: 8 * units - 2 });

/** Any IPv6 address. */
export const anyAddress: fc.Arbitrary<Ipv6Address> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map(ipv6FromBytes);

/** Any option that can be written; those of another kind have types that no other here has. */
export const anyOption: fc.Arbitrary<NdpOption> = fc.oneof(
  fc.record({
    type: fc.constantFrom("source-link-layer" as const, "target-link-layer" as const),
    mac,
  }),
  fc.record({
    type: fc.constant("prefix" as const),
    prefix: anyAddress,
    prefixLength: fc.nat(128),
    onLink: fc.boolean(),
    autonomous: fc.boolean(),
    validSeconds: u32,
    preferredSeconds: u32,
  }),
  fc.record({ type: fc.constant("mtu" as const), mtu: u32 }),
  fc.record({
    type: fc.constant("nonce" as const),
    bytes: fc.nat(3).chain((n) => contents(n + 1)),
  }),
  fc.record({
    type: fc.constant("rdnss" as const),
    lifetimeSeconds: u32,
    servers: fc.array(anyAddress, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant("other" as const),
    number: u8.filter((number) => ![1, 2, 3, 5, 14, 25].includes(number)),
    bytes: fc.nat(3).chain((n) => contents(n + 1)),
  }),
);

const header = {
  destinationMac: mac,
  sourceMac: mac,
  destination: anyAddress,
  source: anyAddress,
  hopLimit: u8,
  code: u8,
  options: fc.array(anyOption, { maxLength: 4 }),
};

/** Any packet that can be written, valid or not. */
export const anyPacket: fc.Arbitrary<NdpPacket> = fc.oneof(
  fc.record({ type: fc.constant("neighbor-solicitation" as const), ...header, target: anyAddress }),
  fc.record({
    type: fc.constant("neighbor-advertisement" as const),
    ...header,
    target: anyAddress,
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
  }),
  fc.record({ type: fc.constant("router-solicitation" as const), ...header }),
  fc.record({
    type: fc.constant("router-advertisement" as const),
    ...header,
    currentHopLimit: u8,
    managed: fc.boolean(),
    otherConfiguration: fc.boolean(),
    preference: fc.constantFrom("high" as const, "medium" as const, "low" as const),
    lifetimeSeconds: u16,
    reachableMs: u32,
    retransmitMs: u32,
  }),
);
