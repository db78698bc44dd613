import { describe, expect, it } from "vitest";
import type { PoolRecord } from "../domain.ts";
import { poolRecord } from "../testing/records.ts";
import { resolvePools } from "./pools.ts";

const inForce = (...pools: readonly PoolRecord[]) =>
  new Map(pools.map((pool) => [pool.name, pool]));
const names = (accepted: ReadonlyMap<string, PoolRecord>) => [...accepted.keys()];

const lan = poolRecord("lan", ["10.0.0.0/24"], { createdMs: 1 });
const dmz = poolRecord("dmz", ["10.0.1.0/24"], { createdMs: 2 });
const late = poolRecord("late", ["10.0.0.128-10.0.0.140"], { createdMs: 3 });

describe("pools in force", () => {
  it("are all of them, in name order, when none overlap", () => {
    const { accepted, rejected } = resolvePools(new Map(), [lan, dmz]);
    expect(names(accepted)).toEqual(["dmz", "lan"]);
    expect(rejected).toEqual([]);
  });

  it("leave the newer of two that overlap out, and say which entry overlaps what", () => {
    const { accepted, rejected } = resolvePools(new Map(), [late, lan]);
    expect(names(accepted)).toEqual(["lan"]);
    expect(rejected).toEqual([
      {
        kind: "pool",
        key: "metallb-system/late",
        field: "spec.addresses[0]",
        message:
          'CIDR "10.0.0.128-10.0.0.140" in pool "late" overlaps with already defined CIDR "10.0.0.0/24" of pool "lan"',
      },
    ]);
  });

  it("keep the last good form of a pool whose change made the overlap", () => {
    const grown = { ...lan, addresses: ["10.0.0.0/23"], resourceVersion: "2" };
    const { accepted, rejected } = resolvePools(inForce(lan, dmz), [grown, dmz]);
    expect(accepted.get("lan")).toBe(lan);
    expect(accepted.get("dmz")).toBe(dmz);
    expect(rejected.map((error) => error.key)).toEqual([lan.key]);
  });

  it("take a refused pool in once what it overlapped is gone", () => {
    const { accepted } = resolvePools(inForce(lan), [late]);
    expect(names(accepted)).toEqual(["late"]);
  });

  it("take the new form of a pool that did not change its addresses", () => {
    const closed = { ...lan, autoAssign: false };
    expect(resolvePools(inForce(lan), [closed]).accepted.get("lan")).toBe(closed);
  });

  it("let two pools swap their ranges", () => {
    const a = { ...lan, addresses: dmz.addresses };
    const b = { ...dmz, addresses: lan.addresses };
    const { accepted, rejected } = resolvePools(inForce(lan, dmz), [a, b]);
    expect(rejected).toEqual([]);
    expect(accepted.get("lan")?.addresses).toEqual(dmz.addresses);
  });
});
