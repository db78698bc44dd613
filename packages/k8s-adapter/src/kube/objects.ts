import { isJsonObject, type JsonObject, parseJson } from "./json.ts";
import { type KubeError, malformed, watchRefusal } from "./kube-error.ts";

/** The part of every object that the watch itself needs; the rest is for the projection. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
  };
}

/** One page of a list. */
export interface ListPage {
  /** Of the list as a whole: where a watch takes over. */
  readonly resourceVersion: string;
  /** What to ask for the next page with; empty on the last. */
  readonly next: string;
  readonly objects: readonly KubeObject[];
}

/** One line of a watch. */
export type WatchEvent =
  | { readonly type: "put"; readonly object: KubeObject }
  | { readonly type: "delete"; readonly object: KubeObject }
  | {
      readonly type: "bookmark";
      readonly resourceVersion: string;
      /** All that existed when the watch began has been told. */
      readonly initialEventsEnd: boolean;
    }
  | { readonly type: "error"; readonly error: KubeError };

/** `namespace/name`, or the name alone. */
export function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined
    ? metadata.name
    : `${metadata.namespace}/${metadata.name}`;
}

/** @throws {KubeError} `Malformed` when it is not a list. */
export function decodeListPage(body: unknown): ListPage {
  const { metadata, items } = record(body, "list");
  const { resourceVersion, continue: next } = record(metadata, "metadata");
  const objects = items ?? [];
  if (!Array.isArray(objects)) throw malformed("items is not an array");
  return {
    resourceVersion: filled(resourceVersion, "metadata.resourceVersion"),
    next: typeof next === "string" ? next : "",
    objects: objects.map((item, index) => decodeObject(item, `items[${index}]`)),
  };
}

/** @throws {KubeError} `Malformed` when it is not an event of a watch. */
export function decodeWatchEvent(line: string): WatchEvent {
  const { type, object } = record(parseJson(line), "event");
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { type: "put", object: decodeObject(object, "object") };
    case "DELETED":
      return { type: "delete", object: decodeObject(object, "object") };
    case "BOOKMARK":
      return decodeBookmark(object);
    case "ERROR":
      return { type: "error", error: watchRefusal(record(object, "object")) };
    default:
      throw malformed("type is not one of an event");
  }
}

function decodeBookmark(object: unknown): WatchEvent {
  const { metadata } = record(object, "object");
  const { resourceVersion, annotations } = record(metadata, "object.metadata");
  const { [INITIAL_EVENTS_END]: end } = record(annotations ?? {}, "object.metadata.annotations");
  return {
    type: "bookmark",
    resourceVersion: filled(resourceVersion, "object.metadata.resourceVersion"),
    initialEventsEnd: end === "true",
  };
}

const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

function decodeObject(value: unknown, path: string): KubeObject {
  if (!isKubeObject(value)) throw malformed(`${path} is not an object with a name and a version`);
  return value;
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isJsonObject(value)) return false;
  const { metadata } = value;
  if (!isJsonObject(metadata)) return false;
  const { name, namespace, resourceVersion } = metadata;
  return (
    typeof name === "string" &&
    typeof resourceVersion === "string" &&
    (namespace === undefined || typeof namespace === "string")
  );
}

function record(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw malformed(`${path} is not an object`);
  return value;
}

function filled(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") throw malformed(`${path} is not filled`);
  return value;
}
