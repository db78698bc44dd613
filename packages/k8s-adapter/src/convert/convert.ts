import { parseDocument, stringify } from "yaml";
import { valueAt, valueText } from "../config/field.ts";
import { project } from "../config/project.ts";
import type { Kind, PoolRecord } from "../domain.ts";
import { resolvePools } from "../reconcile/pools.ts";
import { readLegacyConfiguration } from "./legacy-configuration.ts";
import { type MadeObject, objectsOf } from "./legacy-objects.ts";

/** What became of an old configuration. */
export type Conversion =
  | { readonly ok: true; readonly yaml: string }
  | { readonly ok: false; readonly message: string };

/**
 * Turns MetalLB's configuration before 0.13 into objects: a ConfigMap with the key `config`, or what
 * is under that key alone. What comes out has passed our own checks. Never throws.
 *
 * @param namespace Of the objects; undefined: that of the ConfigMap, else `metallb-system`.
 */
export function convert(text: string, namespace: string | undefined): Conversion {
  try {
    const { config, where } = configurationIn(readYaml(text, "the file"));
    const read = readLegacyConfiguration(config ?? {});
    if (!read.ok)
      return refuse(`${read.problem.field || "the configuration"} ${read.problem.message}`);
    const made = objectsOf(read.configuration, namespace ?? where ?? "metallb-system");
    const wrong = problemOf(made);
    if (wrong !== undefined) return refuse(wrong);
    const documents = made.map(({ object }) => `---\n${stringify(object, FORMAT)}`);
    return { ok: true, yaml: `# Made by ingot convert.\n${documents.join("")}` };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const FORMAT = { aliasDuplicateObjects: false, lineWidth: 100 } as const;

function refuse(message: string): Conversion {
  return { ok: false, message };
}

/** @throws {SyntaxError} when it is not YAML; the message says where. */
function readYaml(text: string, what: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new SyntaxError(`${what} is not YAML: ${error.message}`);
  return document.toJS();
}

/** @throws {TypeError} when it is an object that holds no configuration. */
function configurationIn(document: unknown): {
  readonly config: unknown;
  readonly where: string | undefined;
} {
  const kind = valueAt(document, ["kind"]);
  if (kind === undefined) return { config: document, where: undefined };
  const config = valueAt(document, ["data", "config"]);
  if (kind !== "ConfigMap" || typeof config !== "string") {
    throw new TypeError(
      `the file must be a ConfigMap with a key config, or what is under it, got ${valueText(kind)}`,
    );
  }
  const where = valueAt(document, ["metadata", "namespace"]);
  return {
    config: readYaml(config, "data.config"),
    where: typeof where === "string" && where !== "" ? where : undefined,
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  BGPPeer: "bgpPeer",
  IPAddressPool: "pool",
  BGPAdvertisement: "bgpAdvertisement",
  L2Advertisement: "l2Advertisement",
  BFDProfile: "bfdProfile",
  Community: "community",
};

/** What a controller or speaker would refuse of the objects, and what it was made from. */
function problemOf(made: readonly MadeObject[]): string | undefined {
  const names = new Map<string, string>();
  const pools: PoolRecord[] = [];
  for (const { from, object } of made) {
    const kind = KINDS[String(object["kind"])];
    const name = `${object["kind"]} ${valueAt(object, ["metadata", "name"])}`;
    const twin = names.get(name);
    if (twin !== undefined) return `${from} and ${twin} would both be ${name}`;
    names.set(name, from);
    const projected = kind === undefined ? undefined : project(kind, object);
    if (projected?.ok === false) {
      const { field, message } = projected.error;
      return `${from} cannot be converted: ${field} ${message}`;
    }
    const pool = kind === "pool" ? project(kind, object) : undefined;
    if (pool?.ok === true) pools.push(pool.record);
  }
  return resolvePools(new Map(), pools).rejected[0]?.message;
}
