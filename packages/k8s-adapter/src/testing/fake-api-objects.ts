/** An object as JSON; the fake looks at its metadata alone. */
export interface FakeObject {
  [field: string]: unknown;
  metadata: FakeMetadata;
}

/** What the fake reads and writes of `metadata`. */
export interface FakeMetadata {
  [field: string]: unknown;
  name: string;
  namespace?: string;
  resourceVersion?: string;
  labels?: Record<string, string>;
}

/** One line of a watch, before it is a line. */
export interface FakeEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: object;
}

/** A change as the history keeps it. */
interface Change {
  readonly version: number;
  readonly resource: string;
  readonly event: FakeEvent;
}

/** Which objects are meant: a resource such as `/api/v1 services`, and what they must match. */
export interface FakeSelection {
  readonly resource: string;
  readonly namespace: string | undefined;
  /** `a=b,c`: the label a has the value b, and there is a label c. */
  readonly labels: string;
}

/** Objects with versions and a history, as an API server keeps them. */
export class FakeApiObjects {
  readonly #objects = new Map<string, FakeObject>();
  readonly #history: Change[] = [];
  #forgottenUpTo = 0;
  #version = 100;

  /** Of the last change. */
  get version(): string {
    return `${this.#version}`;
  }

  /** Adds or replaces; answers the object with its new version, and the event. */
  put(resource: string, object: FakeObject): { stored: FakeObject; event: FakeEvent } {
    const key = keyOf(resource, object.metadata);
    const type = this.#objects.has(key) ? "MODIFIED" : "ADDED";
    const stored = this.#withVersion(object);
    this.#objects.set(key, stored);
    return { stored, event: this.#remember(resource, { type, object: stored }) };
  }

  /** Undefined when there is no such object. */
  remove(resource: string, metadata: FakeMetadata): FakeEvent | undefined {
    const object = this.#objects.get(keyOf(resource, metadata));
    if (object === undefined) return undefined;
    this.#objects.delete(keyOf(resource, metadata));
    return this.#remember(resource, { type: "DELETED", object: this.#withVersion(object) });
  }

  get(resource: string, metadata: FakeMetadata): FakeObject | undefined {
    return this.#objects.get(keyOf(resource, metadata));
  }

  list(selection: FakeSelection): readonly FakeObject[] {
    return [...this.#objects]
      .filter(([key, object]) => {
        return key.startsWith(`${selection.resource} `) && isSelected(selection, object);
      })
      .map(([, object]) => object);
  }

  /** Forgets all changes so far: who has an older version has to list again. */
  forget(): void {
    this.#history.length = 0;
    this.#forgottenUpTo = this.#version;
  }

  /** Undefined when some of them are forgotten. */
  changesSince(selection: FakeSelection, version: number): readonly FakeEvent[] | undefined {
    if (version < this.#forgottenUpTo) return undefined;
    return this.#history
      .filter((change) => change.version > version && change.resource === selection.resource)
      .map(({ event }) => event)
      .filter(({ object }) => isSelected(selection, object as FakeObject));
  }

  #withVersion(object: FakeObject): FakeObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: this.version } };
  }

  #remember(resource: string, event: FakeEvent): FakeEvent {
    this.#history.push({ version: this.#version, resource, event });
    return event;
  }
}

/** Whether a watch or list of this selection shows the object. */
export function isSelected(
  { namespace, labels }: FakeSelection,
  { metadata }: FakeObject,
): boolean {
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  return labels
    .split(",")
    .filter((label) => label !== "")
    .every((label) => {
      const [name = "", value] = label.split("=");
      const found = metadata.labels?.[name];
      return found !== undefined && (value === undefined || found === value);
    });
}

/** A JSON merge patch, as RFC 7386 has it. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keyOf(resource: string, { namespace, name }: FakeMetadata): string {
  return `${resource} ${namespace ?? ""}/${name}`;
}
