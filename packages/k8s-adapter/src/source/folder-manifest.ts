import { createHash } from "node:crypto";
import { type Document, isNode, LineCounter, parseAllDocuments } from "yaml";
import { fieldPath, type Problem, valueAt, valueText } from "../config/field.ts";
import { project } from "../config/project.ts";
import { keyOf } from "../config/projection.ts";
import { unknownFields } from "../config/unknown-fields.ts";
import type { Key, Kind } from "../domain.ts";
import { textOf } from "../error-text.ts";

/** An object of a kind of ours, as a file holds it. */
export interface ManifestObject {
  readonly kind: Kind;
  readonly key: Key;
  /** Where it begins. */
  readonly line: number;
  /** As written, with the namespace that it is in. */
  readonly object: object;
  /** Changes with what is written. */
  readonly version: string;
  readonly problem: LocatedProblem | undefined;
  /** Fields that its kind does not have. */
  readonly unknown: readonly string[];
}

/** What is wrong in an object, and where in its file. */
export interface LocatedProblem extends Problem {
  readonly line: number;
}

/** Something in a file that is not an object of ours. */
export interface Stray {
  readonly line: number;
  /** In words: `apps/v1 Deployment "web"`. */
  readonly what: string;
  /** An object of another kind; of ours, but in a namespace that is not looked at; no object at all. */
  readonly is: "foreign" | "elsewhere" | "nothing";
}

/** What a file holds; or, when it is not YAML, why not. */
export type Manifest =
  | {
      readonly ok: true;
      readonly objects: readonly ManifestObject[];
      readonly strays: readonly Stray[];
    }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** What of a file is of interest, and where objects are that do not say it. */
export interface ManifestOptions {
  readonly kinds: ReadonlySet<Kind>;
  /** Namespace of configuration objects without one; Services without one are in `default`. */
  readonly namespace: string;
}

/** Reads a file of YAML or JSON: several documents, and lists of objects. Never throws. */
export function readManifest(text: string, options: ManifestOptions): Manifest {
  const lines = new LineCounter();
  const objects: ManifestObject[] = [];
  const strays: Stray[] = [];
  try {
    for (const document of parseAllDocuments(text, { lineCounter: lines, merge: true })) {
      const error = document.errors[0];
      if (error !== undefined) return notYaml(error.linePos?.[0].line ?? 1, error.message);
      for (const { value, path } of entriesOf(document.toJS() as unknown)) {
        const lineAt = (steps: Path) => lineOf(document, lines, [...path, ...steps]);
        const entry = readEntry(value, lineAt, options);
        if ("what" in entry) strays.push(entry);
        else objects.push(entry);
      }
    }
  } catch (error) {
    // Such as aliases that grow without end, or nesting deeper than the stack.
    return notYaml(1, textOf(error));
  }
  return { ok: true, objects, strays };
}

type Path = readonly (string | number)[];
type LineAt = (steps: Path) => number;

function notYaml(line: number, message: string): Manifest {
  // Only the first line: the rest draws the place, and we name it.
  const [first = ""] = message.split("\n");
  return { ok: false, line, message: first.replace(/ at line \d+, column \d+:?$/, "") };
}

/** The objects of a document: itself, or the entries of a list (`kind: List`, `ServiceList`). */
function entriesOf(value: unknown): { value: unknown; path: Path }[] {
  // A document of comments alone.
  if (value === null || value === undefined) return [];
  const items = valueAt(value, ["items"]);
  const kind = valueAt(value, ["kind"]);
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) {
    return [{ value, path: [] }];
  }
  // What a typed list holds need not repeat its kind.
  const header =
    kind === "List"
      ? {}
      : { apiVersion: valueAt(value, ["apiVersion"]), kind: kind.slice(0, -"List".length) };
  return items.map((item: unknown, i) => {
    const isObject = typeof item === "object" && item !== null && !Array.isArray(item);
    return { value: isObject ? { ...header, ...item } : item, path: ["items", i] };
  });
}

function readEntry(
  value: unknown,
  lineAt: LineAt,
  options: ManifestOptions,
): ManifestObject | Stray {
  const line = lineAt([]);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { line, what: valueText(value), is: "nothing" };
  }
  const apiVersion = valueAt(value, ["apiVersion"]);
  const kindName = valueAt(value, ["kind"]);
  if (typeof apiVersion !== "string" || typeof kindName !== "string") {
    return { line, what: "an object without apiVersion and kind", is: "nothing" };
  }
  const kind = kindOf(apiVersion, kindName, options.kinds);
  if (kind === undefined || !options.kinds.has(kind)) {
    const name = valueAt(value, ["metadata", "name"]);
    return { line, what: `${apiVersion} ${kindName} ${valueText(name)}`, is: "foreign" };
  }
  const object = inNamespace(kind, value, options.namespace);
  const problem = problemOf(kind, object);
  const namespace = valueAt(object, ["metadata", "namespace"]);
  if (problem === undefined && !ANYWHERE.includes(kind) && namespace !== options.namespace) {
    return { line, what: `${kindName} ${keyOf(object)}`, is: "elsewhere" };
  }
  return {
    kind,
    key: keyOf(object),
    line,
    object,
    version: createHash("sha256").update(JSON.stringify(object)).digest("hex"),
    unknown: unknownFields(kind, object),
    problem: problem && { ...problem, line: lineAt(fieldPath(problem.field)) },
  };
}

// The version of a group does not matter: what we read of them is the same in all.
const KINDS: Readonly<Record<string, Kind>> = {
  "/Service": "service",
  "/Node": "node",
  "/Namespace": "namespace",
  "discovery.k8s.io/EndpointSlice": "endpointSlice",
  "metallb.io/IPAddressPool": "pool",
  "metallb.io/L2Advertisement": "l2Advertisement",
  "metallb.io/BGPPeer": "bgpPeer",
  "metallb.io/BGPAdvertisement": "bgpAdvertisement",
  "metallb.io/BFDProfile": "bfdProfile",
  "metallb.io/Community": "community",
  "/Secret": "secret",
  "coordination.k8s.io/Lease": "speaker",
  "metallb.io/ServiceL2Status": "l2Status",
};

/** The speakers' key is a Secret as well; it is looked for where nothing else is. */
/** Kinds that are looked at in every namespace, or are in none. */
const ANYWHERE: readonly Kind[] = ["service", "endpointSlice", "node", "namespace"];

function kindOf(apiVersion: string, kind: string, wanted: ReadonlySet<Kind>): Kind | undefined {
  const slash = apiVersion.indexOf("/");
  const id = `${slash < 0 ? "" : apiVersion.slice(0, slash)}/${kind}`;
  if (id === "/Secret" && wanted.has("ownershipKey")) return "ownershipKey";
  return Object.hasOwn(KINDS, id) ? KINDS[id] : undefined;
}

function inNamespace(kind: Kind, object: object, configuration: string): object {
  const given = valueAt(object, ["metadata"]);
  if (typeof given !== "object" || given === null || Array.isArray(given)) return object;
  if (kind === "node" || kind === "namespace")
    return { ...object, metadata: { ...given, namespace: null } };
  const namespace = valueAt(given, ["namespace"]);
  if (namespace !== undefined && namespace !== null) return object;
  const fallback = kind === "service" || kind === "endpointSlice" ? "default" : configuration;
  return { ...object, metadata: { ...given, namespace: fallback } };
}

/** Besides what the projection refuses, the names that the API server would refuse. */
function problemOf(kind: Kind, object: object): Problem | undefined {
  const projected = project(kind, object);
  if (projected !== undefined && !projected.ok) return projected.error;
  for (const step of ["name", "namespace"]) {
    const name = valueAt(object, ["metadata", step]);
    if (name === null || (typeof name === "string" && DNS_NAME.test(name))) continue;
    const field = `metadata.${step}`;
    return {
      field,
      message: `must be a name in lower case letters, digits, - and ., got ${valueText(name)}`,
    };
  }
  return undefined;
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Where a path begins; for one that is not there, where its nearest parent does. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
