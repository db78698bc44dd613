import fc from "fast-check";
import type { LabelSelector, NamespaceQuota, PoolRecord, ServiceRecord } from "../domain.ts";

// What can happen to a cluster, for property tests; of few of everything, so that all meet.

/** Entries that do not overlap, and the addresses in each. */
export const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  "10.0.0.0/31": ["10.0.0.0", "10.0.0.1"],
  "10.0.1.1-10.0.1.2": ["10.0.1.1", "10.0.1.2"],
  "10.0.2.255/32": ["10.0.2.255"],
  "2001:db8::/127": ["2001:db8::", "2001:db8::1"],
  "2001:db8:1::1/128": ["2001:db8:1::1"],
};
const ADDRESSES = Object.values(BLOCKS).flat();

/** Something that happens to a cluster. */
export type Step =
  | { readonly type: "service"; readonly key: string; readonly changes: Partial<ServiceRecord> }
  | { readonly type: "delete"; readonly key: string }
  | { readonly type: "strange"; readonly key: string; readonly address: string }
  | {
      readonly type: "pool";
      readonly name: string;
      readonly entries: readonly string[];
      readonly changes: Partial<PoolRecord>;
    }
  | {
      readonly type: "namespace";
      readonly name: string;
      readonly team: string;
      readonly quota: NamespaceQuota | undefined;
    }
  | { readonly type: "restart" }
  | { readonly type: "trouble"; readonly answers: readonly ("conflict" | "error")[] };

const key = fc.constantFrom("x/a", "x/b", "x/c", "y/a", "y/b", "y/c");
const annotations = fc.record(
  {
    "metallb.io/address-pool": fc.constantFrom("p", "q", "none"),
    "metallb.io/loadBalancerIPs": fc.constantFrom(
      "10.0.0.1",
      "10.0.1.2",
      "2001:db8::1",
      "10.0.0.1,2001:db8::1",
      "192.0.2.1",
    ),
    "metallb.io/allow-shared-ip": fc.constantFrom("key", "other"),
  },
  { requiredKeys: [] },
);
const few = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T, weight = 4) =>
  fc.oneof({ weight, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });
const changes: fc.Arbitrary<Partial<ServiceRecord>> = fc.record({
  isLoadBalancer: few(fc.constant(false), true, 9),
  loadBalancerClass: few(fc.constant("other"), "", 9),
  clusterIPs: fc.constantFrom(
    ["10.96.0.1"],
    ["10.96.0.1"],
    ["fd96::1"],
    ["10.96.0.1", "fd96::1"],
    ["fd96::1", "10.96.0.1"],
  ),
  familyPolicy: fc.constantFrom("SingleStack", "PreferDualStack", "RequireDualStack"),
  loadBalancerIP: few(fc.constantFrom("10.0.0.1", "10.0.2.255"), ""),
  annotations: few(annotations, {}, 1),
  trafficPolicy: few(fc.constant("Local"), "Cluster"),
  selector: fc.constantFrom("app=a", "app=b"),
  labels: few<Readonly<Record<string, string>>>(fc.constant({ team: "a" }), {}),
  ports: fc.uniqueArray(
    fc.constantFrom(80, 81, 82).map((port) => ({ protocol: "TCP" as const, port })),
    { minLength: 1, maxLength: 2, selector: ({ port }) => port },
  ),
});
const selectors = few<readonly LabelSelector[]>(
  fc.constant([{ matchLabels: { team: "a" }, matchExpressions: [] }]),
  [],
);
const poolChanges: fc.Arbitrary<Partial<PoolRecord>> = fc.record({
  autoAssign: few(fc.constant(false), true),
  avoidBuggyIPs: few(fc.constant(true), false),
  shareWithinNamespace: few(fc.constant(true), false),
  reserved: few(
    fc.record({
      priority: fc.constantFrom(0, 1, 2),
      namespaces: few<readonly string[]>(fc.constant(["x"]), []),
      namespaceSelectors: selectors,
      serviceSelectors: selectors,
    }),
    undefined,
  ),
});
const pool: fc.Arbitrary<Step> = fc.record({
  type: fc.constant("pool" as const),
  name: fc.constantFrom("p", "q", "r"),
  entries: fc.shuffledSubarray(Object.keys(BLOCKS)),
  changes: poolChanges,
});
/** What comes, changes and goes. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant("service" as const), key, changes }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("delete" as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("strange" as const),
      key,
      address: fc.constantFrom("192.0.2.9", ...ADDRESSES),
    }),
  },
  { weight: 4, arbitrary: pool },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("namespace" as const),
      name: fc.constantFrom("x", "y"),
      team: fc.constantFrom("a", "b"),
      quota: few(
        fc.record({
          ipv4: fc.constantFrom(0, 1, 2, undefined),
          ipv6: fc.constantFrom(0, 1, undefined),
          problem: fc.constant(""),
        }),
        undefined,
        1,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
);
/** Writes that fail. */
export const trouble: fc.Arbitrary<Step> = fc.record({
  type: fc.constant("trouble" as const),
  answers: fc.array(fc.constantFrom("conflict" as const, "error" as const), { maxLength: 4 }),
});
