import { valueAt } from "../config/field.ts";
import { type Projected, project } from "../config/project.ts";
import type { Key, Kind, Kinds, ObjectError } from "../domain.ts";
import type { LocatedProblem, ManifestObject } from "./folder-manifest.ts";
import { NO_STATE, type ServiceState, versionOf, withState } from "./folder-state.ts";
import type { SourceEvent } from "./source.ts";

/** A Service in force, and its state. */
export interface ServiceInForce {
  /** As the manifest has it. */
  readonly object: object;
  readonly resourceVersion: string;
  readonly state: ServiceState;
}

/**
 * All files together: which objects are in force, and what has to be told about them. What is
 * broken keeps its last good form. An object that is in two files is in force as the file has it
 * that had it first.
 */
export class FolderWorld {
  readonly #entries = new Map<string, Entry>();
  /** What each file holds. */
  readonly #files = new Map<string, readonly ManifestObject[]>();
  /** Files that cannot be read, and why. */
  readonly #broken = new Map<string, string>();
  readonly #states = new Map<Key, ServiceState>();
  /** Annotations of Nodes and pools, besides what manifests have of them. */
  readonly #notes = new Map<string, ManifestObject>();
  readonly #changed = new Set<string>();

  /** Takes what a file holds now; nothing when it is gone. */
  setFile(file: string, objects: readonly ManifestObject[]): void {
    this.#broken.delete(file);
    for (const { kind, key } of this.#files.get(file) ?? []) {
      this.#entry(kind, key).claims.delete(file);
    }
    for (const object of objects) {
      const { claims } = this.#entry(object.kind, object.key);
      claims.set(file, [...(claims.get(file) ?? []), object]);
    }
    if (objects.length > 0) this.#files.set(file, objects);
    else this.#files.delete(file);
  }

  /** Notes that a file cannot be read, and where: what it held stays in force. */
  breakFile(file: string, where: string): void {
    this.#broken.set(file, where);
    for (const { kind, key } of this.#files.get(file) ?? []) this.#entry(kind, key);
  }

  /** Takes the state of a Service; `undefined` when it has none. */
  setState(key: Key, state: ServiceState | undefined): void {
    if (state === undefined) this.#states.delete(key);
    else this.#states.set(key, state);
    const id = idOf("service", key);
    if (this.#entries.has(id)) this.#changed.add(id);
  }

  /**
   * Takes annotations of a Node, which need not be in a manifest, or of a pool; `undefined` when there
   * are none.
   */
  setNote(kind: "node" | "pool", key: Key, note: ManifestObject | undefined): void {
    const id = idOf(kind, key);
    if (note === undefined && !this.#notes.has(id)) return;
    this.#entry(kind, key);
    if (note === undefined) this.#notes.delete(id);
    else this.#notes.set(id, note);
  }

  /** The Service in force under a key. */
  service(key: Key): ServiceInForce | undefined {
    const inForce = this.#entries.get(idOf("service", key))?.inForce?.object;
    if (inForce === undefined) return undefined;
    const state = this.#states.get(key) ?? NO_STATE;
    const { object, version } = inForce;
    return { object, state, resourceVersion: versionOf(version, state) };
  }

  /** The version of an object as it was told last; undefined when it is not there. */
  toldVersion(kind: Kind, key: Key): string | undefined {
    return this.#entries.get(idOf(kind, key))?.told;
  }

  /** What is to be told since the last call: what others rest on first, what goes away last. */
  changes(): SourceEvent[] {
    const ids = [...this.#changed];
    this.#changed.clear();
    const events = ids.flatMap((id) => {
      const entry = this.#entries.get(id);
      return entry === undefined ? [] : this.#settle(id, entry);
    });
    return events.sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** The entry of an object, which is looked at again with the next changes. */
  #entry(kind: Kind, key: Key): Entry {
    const id = idOf(kind, key);
    this.#changed.add(id);
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { kind, key, claims: new Map(), told: undefined, toldError: "" };
    this.#entries.set(id, entry);
    return entry;
  }

  #settle(id: string, entry: Entry): SourceEvent[] {
    const claims = claimsOf(entry);
    const note = entry.kind === "node" ? this.#notes.get(id) : undefined;
    if (claims.length === 0 && note !== undefined) claims.push({ file: NOTED, object: note });
    const owner = claims.find(({ file }) => file === entry.inForce?.file) ?? claims[0];
    if (owner === undefined) {
      this.#entries.delete(id);
      return isTold(entry) ? [{ type: "delete", kind: entry.kind, key: entry.key }] : [];
    }
    let error = this.#errorOf(entry, claims, owner);
    let projected = this.#project(
      entry,
      owner.object.problem === undefined ? owner : entry.inForce,
    );
    if (projected?.ok === false) {
      // Well formed as it stands in its file, but not together with its state.
      const { message } = projected.error;
      error ??= { ...projected.error, message: `${placeOf(owner, owner.object)}: ${message}` };
      projected = this.#project(entry, entry.inForce);
    } else if (owner.object.problem === undefined) {
      entry.inForce = owner;
    }
    return tell(entry, projected?.ok ? projected.record : undefined, error);
  }

  #project({ kind, key }: Entry, claim: Claim | undefined): Projected<Kind> | undefined {
    if (claim === undefined) return undefined;
    const { object, version } = this.#noted(idOf(kind, key), claim.object);
    const state = this.#states.get(key) ?? NO_STATE;
    const projected = project(
      kind,
      kind === "service" ? withState(object, version, state) : withVersion(object, version),
    );
    if (!projected?.ok) return projected;
    const { record } = projected;
    return { ok: true, record: { ...record, uid: record.uid || idOf(kind, key) } };
  }

  #noted(id: string, found: ManifestObject): Pick<ManifestObject, "object" | "version"> {
    const note = this.#notes.get(id);
    if (note === undefined || note === found) return found;
    const metadata = valueAt(found.object, ["metadata"]) as object;
    const annotations = {
      ...(valueAt(metadata, ["annotations"]) as object | undefined),
      ...(valueAt(note.object, ["metadata", "annotations"]) as object),
    };
    return {
      object: { ...found.object, metadata: { ...metadata, annotations } },
      version: `${found.version.slice(0, 8)}${note.version.slice(0, 8)}`,
    };
  }

  #errorOf({ kind, key }: Entry, claims: readonly Claim[], owner: Claim): ObjectError | undefined {
    const refuse = (field: string, message: string) => ({ kind, key, field, message });
    const broken = this.#broken.get(owner.file);
    if (broken !== undefined) return refuse("", broken);
    const { problem } = owner.object;
    if (problem !== undefined) {
      return refuse(problem.field, `${placeOf(owner, problem)}: ${problem.message}`);
    }
    if (claims.length === 1) return undefined;
    const places = claims.map((claim) => placeOf(claim, claim.object)).join(" and ");
    return refuse(
      "",
      `is there more than once: ${places}; in force is ${placeOf(owner, owner.object)}`,
    );
  }
}

/** An object as one file has it. */
interface Claim {
  readonly file: string;
  readonly object: ManifestObject;
}

interface Entry {
  readonly kind: Kind;
  readonly key: Key;
  /** By file; a file may hold it twice. */
  readonly claims: Map<string, readonly ManifestObject[]>;
  /** Its last good form. */
  inForce?: Claim;
  /** The version of the record that was told last. */
  told: string | undefined;
  /** The error that was told after it. */
  toldError: string;
}

function idOf(kind: Kind, key: Key): string {
  return `${kind}/${key}`;
}

function claimsOf({ claims }: Entry): Claim[] {
  return [...claims]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, objects]) => objects.map((object) => ({ file, object })));
}

function placeOf({ file }: Claim, { line }: Pick<LocatedProblem, "line">): string {
  return `${file} line ${line}`;
}

/** Where a Node is that is in no manifest. */
const NOTED = "nodes/";

const ORDER: readonly Kind[] = [
  "pool",
  "l2Advertisement",
  "node",
  "speaker",
  "ownershipKey",
  "l2Status",
  "endpointSlice",
  "service",
];

function rankOf(event: SourceEvent): number {
  if (event.type === "put") return ORDER.indexOf(event.kind);
  if (event.type === "rejected") return ORDER.indexOf(event.error.kind);
  return event.type === "delete" ? 2 * ORDER.length - ORDER.indexOf(event.kind) : 0;
}

function isTold(entry: Entry): boolean {
  return entry.told !== undefined || entry.toldError !== "";
}

function withVersion(object: object, version: string): object {
  const { metadata } = object as { readonly metadata: object };
  return { ...object, metadata: { ...metadata, resourceVersion: version.slice(0, 16) } };
}

function tell(
  entry: Entry,
  record: Kinds[Kind] | undefined,
  error: ObjectError | undefined,
): SourceEvent[] {
  const { kind, key } = entry;
  const events: SourceEvent[] = [];
  const errorText = error === undefined ? "" : `${error.field} ${error.message}`;
  // Telling the record again, though it is the same, is what says that the error is over.
  const mended = entry.toldError !== "" && errorText === "";
  if (record === undefined) {
    if (entry.told !== undefined || mended) events.push({ type: "delete", kind, key });
  } else if (record.resourceVersion !== entry.told || mended) {
    events.push(putOf(kind, record));
  }
  const again = events.length > 0 && errorText !== "";
  if (error !== undefined && (errorText !== entry.toldError || again)) {
    events.push({ type: "rejected", error });
  }
  entry.told = record?.resourceVersion;
  entry.toldError = errorText;
  return events;
}

/** The compiler cannot see that the record is of the kind that it was projected as. */
function putOf(kind: Kind, record: Kinds[Kind]): SourceEvent {
  return { type: "put", kind, record } as SourceEvent;
}
