import { z } from "zod";
import { canonicalAddress, familyOf } from "../address.ts";
import {
  ADDRESS_RULES,
  CONNECT_RULES,
  celRules,
  HOLD_RULES,
  IDENTIFIER_RULES,
  LONGEST_ADDRESS,
  NEWER_PEER_RULES,
  PEER_RULES,
} from "./bgp-peer-rules.ts";
import type { CustomResource } from "./custom-resource.ts";
import { durationMs, durationSchema } from "./duration.ts";
import { type Problem, valueText } from "./field.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import { type SelectorSpec, selectorListSchema, selectorOf } from "./selector.ts";
import { NONE, sharedList } from "./share.ts";

/** The record of a BGPPeer, in either version. */
export function projectBgpPeer(object: unknown): Projected<"bgpPeer"> | undefined {
  return projectWith(
    {
      kind: "bgpPeer",
      schema: z.object({ metadata: metadataSchema, spec: specSchema }),
      toRecord: ({ spec }, identity) => problemOf(spec) ?? { ...identity, ...recordOf(spec) },
    },
    object,
  );
}

function asnSchema(least: number): z.ZodInt {
  return z.int().min(least).max(0xffff_ffff).meta({ format: "int64" });
}

function addressSchema(rules = ADDRESS_RULES): z.ZodString {
  return z.string().meta({ maxLength: LONGEST_ADDRESS, ...celRules(rules) });
}

/** A duration that has to meet rules of its own besides. */
function timeSchema(rules: typeof HOLD_RULES): z.ZodType<string> {
  const schema = durationSchema();
  const own = schema.meta()?.["x-kubernetes-validations"] as typeof HOLD_RULES;
  return schema.meta({ ...schema.meta(), ...celRules([...own, ...rules]) });
}

const secretSchema = z
  .object({
    name: z.string().describe("Its name.").optional(),
    namespace: z.string().describe("Not looked at: it is the one of this peer.").optional(),
  })
  .meta({ "x-kubernetes-map-type": "atomic" });

/** Both versions of the kind have these. */
const commonFields = {
  myASN: asnSchema(1).describe("The AS number of this end."),
  sourceAddress: addressSchema().describe("The address that the session starts from.").optional(),
  holdTime: timeSchema(HOLD_RULES)
    .describe("When a silent peer counts as dead: 0s (never) or from 3s; nothing: 90s.")
    .optional(),
  keepaliveTime: durationSchema()
    .describe("How often we speak, at most holdTime; nothing: a third of it.")
    .optional(),
  routerID: addressSchema(IDENTIFIER_RULES)
    .describe("The BGP identifier of this end, an IPv4 address.")
    .optional(),
  nodeSelectors: selectorListSchema()
    .describe("Nodes that connect to the peer, by label; nothing here: every node.")
    .optional(),
  password: z.string().describe("Key of the TCP MD5 signature, at most 80 octets.").optional(),
  bfdProfile: z.string().describe("The BFDProfile that watches over the session.").optional(),
  ebgpMultiHop: z
    .boolean()
    .describe("The peer is in another AS and more than one hop away.")
    .optional(),
};

const portSchema = z.int().min(0).max(16_384).meta({ format: "int32" });

const specSchema = z
  .object({
    ...commonFields,
    peerASN: asnSchema(0).describe("The peer's AS number.").optional(),
    dynamicASN: z
      .enum(["internal", "external"])
      .describe("Instead of peerASN: the own number, or any other.")
      .optional(),
    localASN: asnSchema(1).describe("Shown to this peer instead of myASN.").optional(),
    peerAddress: addressSchema().describe("The peer's address.").optional(),
    interface: z.string().describe("Instead of peerAddress: the peer at its other end.").optional(),
    peerPort: portSchema.describe("The peer's TCP port.").default(179),
    connectTime: timeSchema(CONNECT_RULES)
      .describe("Between attempts to connect, from 1s to 65535s.")
      .optional(),
    passwordSecret: secretSchema
      .describe("A Secret of type kubernetes.io/basic-auth whose password is the key.")
      .optional(),
    enableGracefulRestart: z
      .boolean()
      .describe("The peer keeps the routes while this end restarts.")
      .optional(),
    vrf: z.string().describe("The VRF to connect from.").optional(),
    disableMP: z.boolean().describe("Without effect.").optional(),
    dualStackAddressFamily: z
      .boolean()
      .describe("Routes of both families over the one session.")
      .optional(),
  })
  .meta(celRules([...PEER_RULES, ...NEWER_PEER_RULES]));

/** As MetalLB's older version has it; what it lacks is lost for who writes with it. */
const olderSpecSchema = z
  .object({
    ...commonFields,
    peerASN: asnSchema(0).describe("The peer's AS number."),
    peerAddress: addressSchema().describe("The peer's address."),
    peerPort: portSchema.describe("The peer's TCP port.").optional(),
  })
  .meta(celRules(PEER_RULES));

type Spec = z.infer<typeof specSchema>;

function problemOf(spec: Spec): Problem | undefined {
  const { peerASN, dynamicASN, peerAddress } = spec;
  const hasAsn = peerASN !== undefined && peerASN !== 0;
  if (!hasAsn && dynamicASN === undefined) return problem("peerASN", "is required, or dynamicASN");
  if (hasAsn && dynamicASN !== undefined) return problem("dynamicASN", "excludes peerASN");
  const hasInterface = spec.interface !== undefined && spec.interface !== "";
  const hasAddress = peerAddress !== undefined && peerAddress !== "";
  if (!hasAddress && !hasInterface) return problem("peerAddress", "is required, or interface");
  if (hasAddress && hasInterface) return problem("interface", "excludes peerAddress");
  return addressProblem(spec) ?? timeProblem(spec) ?? keyProblem(spec) ?? hopProblem(spec);
}

function addressProblem(spec: Spec): Problem | undefined {
  for (const field of ["peerAddress", "sourceAddress"] as const) {
    const text = spec[field];
    if (text === undefined || text === "" || canonicalAddress(text) !== undefined) continue;
    return problem(field, `must be an IP address, got ${valueText(text)}`);
  }
  const { peerAddress = "", sourceAddress = "", routerID = "" } = spec;
  if (peerAddress !== "" && sourceAddress !== "") {
    if (familyOf(peerAddress) !== familyOf(sourceAddress)) {
      return problem(
        "sourceAddress",
        `must be of the family of peerAddress ${peerAddress}, got ${valueText(sourceAddress)}`,
      );
    }
  }
  const identifier = canonicalAddress(routerID);
  if (routerID === "") return undefined;
  if (identifier !== undefined && familyOf(identifier) === 4 && identifier !== "0.0.0.0") {
    return undefined;
  }
  return problem(
    "routerID",
    `must be an IPv4 address other than 0.0.0.0, got ${valueText(routerID)}`,
  );
}

function timeProblem(spec: Spec): Problem | undefined {
  const { holdTime, keepaliveTime, connectTime } = spec;
  const holdS = wholeSeconds(holdTime);
  const keepaliveS = wholeSeconds(keepaliveTime);
  if (holdS !== undefined && holdS !== 0 && (holdS < 3 || holdS > 65_535)) {
    return problem("holdTime", `must be 0s, or from 3s to 65535s, got ${valueText(holdTime)}`);
  }
  if (holdS !== undefined && keepaliveS !== undefined && keepaliveS > holdS) {
    return problem(
      "keepaliveTime",
      `must be at most holdTime (${holdTime}), got ${valueText(keepaliveTime)}`,
    );
  }
  const connectMs = connectTime === undefined ? undefined : durationMs(connectTime);
  if (connectMs === undefined) return undefined;
  if (connectMs % 1_000 === 0 && connectMs >= 1_000 && connectMs <= 65_535_000) return undefined;
  return problem(
    "connectTime",
    `must be whole seconds from 1s to 65535s, got ${valueText(connectTime)}`,
  );
}

function keyProblem(spec: Spec): Problem | undefined {
  const { password = "", passwordSecret } = spec;
  if (password !== "" && (passwordSecret?.name ?? "") !== "") {
    return problem("passwordSecret", "excludes password");
  }
  if (new TextEncoder().encode(password).length <= LONGEST_KEY) return undefined;
  return problem("password", `must have at most ${LONGEST_KEY} octets`);
}

function hopProblem(spec: Spec): Problem | undefined {
  if (spec.ebgpMultiHop !== true) return undefined;
  if (spec.peerASN !== spec.myASN && spec.dynamicASN !== "internal") return undefined;
  return problem("ebgpMultiHop", "must not be true for a peer of the same AS");
}

/** What TCP MD5 takes on Linux. */
const LONGEST_KEY = 80;

function problem(field: string, message: string): Problem {
  return { field: `spec.${field}`, message };
}

function wholeSeconds(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : durationMs(duration);
  return ms === undefined ? undefined : Math.floor(ms / 1_000);
}

function recordOf(spec: Spec) {
  const holdS = wholeSeconds(spec.holdTime);
  const keepaliveS = wholeSeconds(spec.keepaliveTime);
  return {
    localAsn: spec.localASN ?? spec.myASN,
    peerAsn: spec.dynamicASN ?? spec.peerASN ?? 0,
    address: canonicalAddress(spec.peerAddress ?? "") ?? "",
    interface: spec.interface ?? "",
    port: spec.peerPort === 0 ? 179 : spec.peerPort,
    sourceAddress: canonicalAddress(spec.sourceAddress ?? "") ?? "",
    holdTimeS: holdS ?? (keepaliveS === undefined ? 90 : Math.max(3, keepaliveS * 3)),
    keepaliveS: keepaliveS ?? 0,
    connectRetryMs: durationMs(spec.connectTime ?? "0s") ?? 0,
    routerId: canonicalAddress(spec.routerID ?? "") ?? "",
    nodeSelectors: selectorsOf(spec.nodeSelectors),
    password: spec.password ?? "",
    passwordSecret: spec.passwordSecret?.name ?? "",
    multiHop: spec.ebgpMultiHop ?? false,
    gracefulRestart: spec.enableGracefulRestart ?? false,
    dualStack: spec.dualStackAddressFamily ?? false,
    bfdProfile: spec.bfdProfile ?? "",
    vrf: spec.vrf ?? "",
    unsupported: unsupportedOf(spec),
  };
}

/** A session that half obeys its object would be worse than none. */
function unsupportedOf(spec: Spec): string {
  const { interface: device = "", vrf = "", bfdProfile = "", sourceAddress = "" } = spec;
  const pairs = [
    ["bfdProfile", bfdProfile, "interface", device],
    ["bfdProfile", bfdProfile, "vrf", vrf],
    ["sourceAddress", sourceAddress, "interface", device],
  ] as const;
  const used = pairs.find(([, value, , other]) => value !== "" && other !== "");
  if (used === undefined) return "";
  return `spec.${used[0]} together with spec.${used[2]} is not supported yet: no session with this peer`;
}

/** The kind BGPPeer. */
export const bgpPeer: CustomResource = {
  kind: "BGPPeer",
  plural: "bgppeers",
  description: "A router that addresses are announced to, with BGP.",
  version: "v1beta2",
  schema: z.object({ spec: specSchema, status: z.object({}).optional() }),
  columns: [
    { name: "Address", type: "string", jsonPath: ".spec.peerAddress" },
    { name: "ASN", type: "string", jsonPath: ".spec.peerASN" },
    { name: "BFD Profile", type: "string", jsonPath: ".spec.bfdProfile" },
    { name: "Multi Hops", type: "string", jsonPath: ".spec.ebgpMultiHop" },
  ],
  older: [
    {
      version: "v1beta1",
      warning: "BGPPeer v1beta1 is deprecated, please use v1beta2",
      schema: z.object({ spec: olderSpecSchema, status: z.object({}).optional() }),
    },
  ],
};

function selectorsOf(specs: readonly SelectorSpec[] = NONE) {
  return sharedList(specs.map(selectorOf));
}
