import { bench, describe } from "vitest";
import { Allocator, type Family, type Sharing } from "../src/index.ts";

// Each round of the first group is 1,000 calls: its milliseconds are microseconds a call.

const PAIRS = 500;
const ipv4 = request(4);
const ipv6 = request(6);
const sharing: Sharing = { key: "web", backend: "", ports: ["TCP/80"] };

describe("1,000 calls, allocate and release in turn", () => {
  for (const fill of [100, 16_000, 64_000]) {
    const allocator = filled(fill, ipv4);
    bench(`IPv4, ${fill} in use`, () => takeTurns(allocator, ipv4));
  }

  const fragmented = filled(64_000, ipv4);
  for (let index = 1; index < 64_000; index += 2) fragmented.release(`owner-${index}`);
  bench("IPv4, 32000 in use, every second address free", () => takeTurns(fragmented, ipv4));
  bench("the same, claimed in the middle and released", () => {
    for (let pair = 0; pair < PAIRS; pair++) {
      fragmented.claim("one", ["10.0.125.1"]);
      fragmented.release("one");
    }
  });

  for (const fill of [100, 16_000]) {
    const allocator = filled(fill, ipv6);
    bench(`IPv6, ${fill} in use`, () => takeTurns(allocator, ipv6));
  }

  for (const fill of [100, 16_000]) {
    const allocator = filled(fill, { ...ipv4, sharing });
    bench(`IPv4, ${fill} in use, all with one key and one port`, () =>
      takeTurns(allocator, { ...ipv4, sharing }),
    );
  }
});

describe("a new pool, filled", () => {
  bench("16,000 IPv4", () => void filled(16_000, ipv4));
  bench("64,000 IPv4", () => void filled(64_000, ipv4));
  bench("16,000 IPv6", () => void filled(16_000, ipv6));
});

describe("the pools replaced", () => {
  const allocator = filled(16_000, ipv4);
  bench("with 16,000 in use", () => void allocator.setPools(POOLS));
});

type Request = Parameters<Allocator["allocate"]>[1];

const POOLS = [{ name: "pool", addresses: ["10.0.0.0/8", "2001:db8::/64"] }];

function request(family: Family): Request {
  return { pool: "pool", families: [family] };
}

function filled(count: number, wanted: Request): Allocator {
  const allocator = new Allocator();
  allocator.setPools(POOLS);
  for (let index = 0; index < count; index++) allocator.allocate(`owner-${index}`, wanted);
  return allocator;
}

function takeTurns(allocator: Allocator, wanted: Request): void {
  for (let pair = 0; pair < PAIRS; pair++) {
    allocator.allocate("one", wanted);
    allocator.release("one");
  }
}
