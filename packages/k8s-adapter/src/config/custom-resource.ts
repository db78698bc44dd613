import type { z } from "zod";

/** A kind of the group `metallb.io`, from which its CustomResourceDefinition is printed. */
export interface CustomResource {
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  /** Reads `spec` and `status`; its `meta` of the form `x-kubernetes-...` is printed as it is. */
  readonly schema: z.ZodType;
  readonly columns: readonly PrinterColumn[];
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "boolean" | "string" | "integer";
  readonly jsonPath: string;
  /** Above 0: shown with `-o wide` alone. */
  readonly priority?: number;
}
