import { z } from "zod";
import type { CustomResource } from "./custom-resource.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import { shared } from "./share.ts";

/** The record of a BFDProfile; what it does not say is as FRR has it. */
export function projectBfdProfile(object: unknown): Projected<"bfdProfile"> | undefined {
  return projectWith(
    {
      kind: "bfdProfile",
      schema: z.object({ metadata: metadataSchema, spec: specSchema.optional() }),
      toRecord: ({ spec = {} }, identity) => ({
        ...identity,
        timing: shared({
          receiveIntervalMs: spec.receiveInterval ?? 300,
          transmitIntervalMs: spec.transmitInterval ?? 300,
          detectMultiplier: spec.detectMultiplier ?? 3,
          echoIntervalMs: spec.echoInterval ?? 50,
          echo: spec.echoMode ?? false,
          passive: spec.passiveMode ?? false,
          minTtl: spec.minimumTtl ?? 254,
        }),
      }),
    },
    object,
  );
}

const SHORTEST_MS = 10;
const LONGEST_MS = 60_000;

function intervalSchema(description: string): z.ZodOptional<z.ZodInt> {
  const interval = z.int().min(SHORTEST_MS).max(LONGEST_MS).meta({ format: "int32" });
  return interval.describe(description).optional();
}

const specSchema = z
  .object({
    receiveInterval: intervalSchema("Milliseconds between packets that can be received; 300."),
    transmitInterval: intervalSchema("Milliseconds between packets that are sent; 300."),
    detectMultiplier: z
      .int()
      .min(2)
      .max(255)
      .meta({ format: "int32" })
      .describe("Lost packets after which the peer is down; 3.")
      .optional(),
    echoInterval: intervalSchema("Milliseconds between echo packets, with echoMode; 50."),
    echoMode: z.boolean().describe("Lets the peer return echo packets; IPv4 alone.").optional(),
    passiveMode: z.boolean().describe("Waits for the peer to begin.").optional(),
    minimumTtl: z
      .int()
      .min(1)
      .max(254)
      .meta({ format: "int32" })
      .describe("For a peer more than one hop away, the least time to live to accept; 254.")
      .optional(),
  })
  .describe("How a session is watched.");

/** The kind BFDProfile. */
export const bfdProfile: CustomResource = {
  kind: "BFDProfile",
  plural: "bfdprofiles",
  description: "How BFD watches over BGP sessions.",
  schema: z.object({ spec: specSchema.optional(), status: z.object({}).optional() }),
  columns: [
    { name: "Passive Mode", type: "boolean", jsonPath: ".spec.passiveMode" },
    { name: "Transmit Interval", type: "integer", jsonPath: ".spec.transmitInterval" },
    { name: "Receive Interval", type: "integer", jsonPath: ".spec.receiveInterval" },
    { name: "Multiplier", type: "integer", jsonPath: ".spec.detectMultiplier" },
  ],
};
