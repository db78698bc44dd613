import type { z } from "zod";

/** A kind of the group `metallb.io`, from which its CustomResourceDefinition is printed. */
export interface CustomResource {
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  /** Reads `spec` and `status`; its `meta` of the form `x-kubernetes-...` is printed as it is. */
  readonly schema: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  /** The version that is stored; by default `v1beta1`. */
  readonly version?: string;
  /** Versions that are served beside it, read as if they were the stored one. */
  readonly older?: readonly OlderVersion[];
}

/** A version of a kind for who still writes it. */
export interface OlderVersion {
  readonly version: string;
  /** What the API server tells who uses it. */
  readonly warning: string;
  readonly schema: z.ZodType;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "boolean" | "string" | "integer" | "date";
  readonly jsonPath: string;
  /** Above 0: shown with `-o wide` alone. */
  readonly priority?: number;
}
