import { z } from "zod";
import type { CustomResource } from "./custom-resource.ts";

const conditionSchema = z.object({
  type: z.string().max(316).describe("configReconcilerValid or poolReconcilerValid."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it is so."),
  observedGeneration: z.int().min(0).meta({ format: "int64" }).describe("Not used.").optional(),
  lastTransitionTime: z
    .string()
    .meta({ format: "date-time" })
    .describe("When status changed last."),
  reason: z.string().max(1_024).describe("Reconciled or ConfigurationError."),
  message: z.string().max(32_768).describe("What is wrong, a line for each object."),
});

const statusSchema = z.object({
  result: z
    .enum(["Valid", "Invalid", "Unknown"])
    .describe("Whether every object of the configuration is in force as it stands.")
    .optional(),
  errorSummary: z.string().describe("What is wrong, a line for each object.").optional(),
  conditions: z
    .array(conditionSchema)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .describe("The same, as conditions.")
    .optional(),
});

/** The kind ConfigurationState, which the programs write. */
export const configurationState: CustomResource = {
  kind: "ConfigurationState",
  plural: "configurationstates",
  description: "What the controller, or the speaker of a node, says about the configuration.",
  schema: z.object({ spec: z.object({}).optional(), status: statusSchema.optional() }),
  columns: [
    { name: "Result", type: "string", jsonPath: ".status.result" },
    { name: "ErrorSummary", type: "string", jsonPath: ".status.errorSummary" },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
};
