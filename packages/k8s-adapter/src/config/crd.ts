import { z } from "zod";
import type { CustomResource } from "./custom-resource.ts";
import type { JsonObject } from "./json.ts";

/** The CustomResourceDefinition of a kind, with its schema in the structural form. */
export function crdOf(resource: CustomResource): JsonObject {
  const { kind, plural, description, columns, version = "v1beta1", older = [] } = resource;
  const printed = columns.map((column) => ({ ...column }));
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: printed,
          schema: { openAPIV3Schema: schemaOf(resource) },
          subresources: { status: {} },
        },
        ...older.map(({ version: name, warning, schema }) => ({
          name,
          served: true,
          storage: false,
          deprecated: true,
          deprecationWarning: `metallb.io ${warning}`,
          additionalPrinterColumns: printed,
          schema: { openAPIV3Schema: schemaOf({ schema, description }) },
          subresources: { status: {} },
        })),
      ],
    },
  };
}

const GROUP = "metallb.io";

/** What every object has; the API server knows more about it than a schema could say. */
const HEADER: JsonObject = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { type: "object" },
};

function schemaOf({
  schema,
  description,
}: Pick<CustomResource, "schema" | "description">): JsonObject {
  const generated = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    override: ({ jsonSchema }) => {
      // The formats say this already; and the bounds of a double are not those of an int64.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const { properties, ...rest } = JSON.parse(JSON.stringify(generated)) as JsonObject;
  return { description, ...rest, properties: { ...HEADER, ...(properties as JsonObject) } };
}
