import { z } from "zod";
import { firstProblem, type Problem } from "../config/field.ts";

type Maybe<T> = T | undefined;

/** MetalLB's configuration before 0.13: the YAML under the key `config` of a ConfigMap. */
export interface LegacyConfiguration {
  readonly peers?: Maybe<readonly LegacyPeer[]>;
  readonly "address-pools"?: Maybe<readonly LegacyPool[]>;
  readonly "bgp-communities"?: Maybe<Readonly<Record<string, string>>>;
  readonly "bfd-profiles"?: Maybe<readonly LegacyProfile[]>;
}

/** A router. */
export interface LegacyPeer {
  readonly "my-asn": number;
  readonly "peer-asn": number;
  readonly "peer-address": string;
  readonly "source-address"?: Maybe<string>;
  readonly "peer-port"?: Maybe<number>;
  readonly "hold-time"?: Maybe<string>;
  readonly "keepalive-time"?: Maybe<string>;
  readonly "router-id"?: Maybe<string>;
  readonly "node-selectors"?: Maybe<readonly LegacySelector[]>;
  readonly password?: Maybe<string>;
  readonly "bfd-profile"?: Maybe<string>;
  readonly "ebgp-multihop"?: Maybe<boolean>;
}

/** Which nodes connect to a router. */
export interface LegacySelector {
  readonly "match-labels"?: Maybe<Readonly<Record<string, string>>>;
  readonly "match-expressions"?: Maybe<
    readonly {
      readonly key: string;
      readonly operator: string;
      readonly values?: Maybe<readonly string[]>;
    }[]
  >;
}

/** Addresses, and how they are announced. */
export interface LegacyPool {
  readonly protocol: "bgp" | "layer2";
  readonly name: string;
  readonly addresses: readonly string[];
  readonly "auto-assign"?: Maybe<boolean>;
  readonly "avoid-buggy-ips"?: Maybe<boolean>;
  readonly "bgp-advertisements"?: Maybe<readonly LegacyAdvertisement[]>;
}

/** One of the ways in which a pool is announced to routers. */
export interface LegacyAdvertisement {
  readonly "aggregation-length"?: Maybe<number>;
  readonly "aggregation-length-v6"?: Maybe<number>;
  readonly localpref?: Maybe<number>;
  readonly communities?: Maybe<readonly string[]>;
}

/** How BFD watches over sessions. */
export interface LegacyProfile {
  readonly name: string;
  readonly "receive-interval"?: Maybe<number>;
  readonly "transmit-interval"?: Maybe<number>;
  readonly "detect-multiplier"?: Maybe<number>;
  readonly "echo-interval"?: Maybe<number>;
  readonly "echo-mode"?: Maybe<boolean>;
  readonly "passive-mode"?: Maybe<boolean>;
  readonly "minimum-ttl"?: Maybe<number>;
}

/** A configuration, or what is wrong with it. */
export type ReadConfiguration =
  | { readonly ok: true; readonly configuration: LegacyConfiguration }
  | { readonly ok: false; readonly problem: Problem };

/** Reads the decoded YAML. A key that MetalLB did not know is wrong: it would be lost without a word. */
export function readLegacyConfiguration(value: unknown): ReadConfiguration {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, configuration: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") {
    const path = [...issue.path, issue.keys[0] ?? ""].join(".");
    return { ok: false, problem: { field: path, message: "is not a key that MetalLB knows" } };
  }
  return { ok: false, problem: firstProblem(parsed.error, value) };
}

const selectorSchema = z.strictObject({
  "match-labels": z.record(z.string(), z.string()).optional(),
  "match-expressions": z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

const peerSchema = z.strictObject({
  "my-asn": z.number(),
  "peer-asn": z.number(),
  "peer-address": z.string(),
  "source-address": z.string().optional(),
  "peer-port": z.number().optional(),
  "hold-time": z.string().optional(),
  "keepalive-time": z.string().optional(),
  "router-id": z.string().optional(),
  "node-selectors": z.array(selectorSchema).optional(),
  password: z.string().optional(),
  "bfd-profile": z.string().optional(),
  "ebgp-multihop": z.boolean().optional(),
});

const poolSchema = z.strictObject({
  protocol: z.enum(["bgp", "layer2"]),
  name: z.string(),
  addresses: z.array(z.string()),
  "auto-assign": z.boolean().optional(),
  "avoid-buggy-ips": z.boolean().optional(),
  "bgp-advertisements": z
    .array(
      z.strictObject({
        "aggregation-length": z.number().optional(),
        "aggregation-length-v6": z.number().optional(),
        localpref: z.number().optional(),
        communities: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

const profileSchema = z.strictObject({
  name: z.string(),
  "receive-interval": z.number().optional(),
  "transmit-interval": z.number().optional(),
  "detect-multiplier": z.number().optional(),
  "echo-interval": z.number().optional(),
  "echo-mode": z.boolean().optional(),
  "passive-mode": z.boolean().optional(),
  "minimum-ttl": z.number().optional(),
});

const schema: z.ZodType<LegacyConfiguration> = z.strictObject({
  peers: z.array(peerSchema).optional(),
  "address-pools": z.array(poolSchema).optional(),
  "bgp-communities": z.record(z.string(), z.string()).optional(),
  "bfd-profiles": z.array(profileSchema).optional(),
});
