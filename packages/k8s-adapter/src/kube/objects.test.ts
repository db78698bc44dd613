import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KubeError } from "./kube-error.ts";
import { decodeListPage, decodeWatchEvent, keyOf } from "./objects.ts";

const service = { metadata: { name: "web", namespace: "shop", resourceVersion: "7" }, spec: {} };

describe("decodeWatchEvent", () => {
  it.each([
    ["ADDED", "put"],
    ["MODIFIED", "put"],
    ["DELETED", "delete"],
  ])("reads %s", (type, wanted) => {
    const event = decodeWatchEvent(JSON.stringify({ type, object: service }));
    expect(event).toEqual({ type: wanted, object: service });
  });

  it("tells the bookmark that ends the initial events from the others", () => {
    const bookmark = (annotations: object) =>
      JSON.stringify({
        type: "BOOKMARK",
        object: { metadata: { resourceVersion: "9", annotations } },
      });
    expect(decodeWatchEvent(bookmark({ "k8s.io/initial-events-end": "true" }))).toEqual({
      type: "bookmark",
      resourceVersion: "9",
      initialEventsEnd: true,
    });
    expect(decodeWatchEvent(bookmark({}))).toMatchObject({ initialEventsEnd: false });
  });

  it("reads the Status of an ERROR", () => {
    const object = { code: 429, reason: "TooManyRequests", details: { retryAfterSeconds: 2 } };
    expect(decodeWatchEvent(JSON.stringify({ type: "ERROR", object }))).toMatchObject({
      type: "error",
      error: { status: 429, reason: "TooManyRequests", retryAfterMs: 2_000 },
    });
  });

  it.each([
    ["no JSON", '{"secret":"hunter2"', "event is not an object"],
    ["no event", "[]", "event is not an object"],
    ["no object", '{"type":"ADDED"}', "object is not an object with a name and a version"],
    ["an unknown type", '{"type":"MOVED","object":{}}', "type is not one of an event"],
    [
      "a bookmark without a version",
      '{"type":"BOOKMARK","object":{"metadata":{}}}',
      "is not filled",
    ],
  ])("refuses %s, and quotes nothing of it", (_, line, message) => {
    expect(() => decodeWatchEvent(line)).toThrow(message);
    expect(() => decodeWatchEvent(line)).not.toThrow("hunter2");
  });

  it("answers any JSON with an event or its own error", () => {
    fc.assert(
      fc.property(fc.json(), (line) => {
        try {
          decodeWatchEvent(line);
        } catch (error) {
          expect(error).toBeInstanceOf(KubeError);
        }
      }),
    );
  });
});

describe("decodeListPage", () => {
  it("reads a page, with or without items", () => {
    const metadata = { resourceVersion: "9", continue: "more" };
    expect(decodeListPage({ metadata, items: [service] })).toEqual({
      resourceVersion: "9",
      next: "more",
      objects: [service],
    });
    expect(decodeListPage({ metadata: { resourceVersion: "9" }, items: null })).toEqual({
      resourceVersion: "9",
      next: "",
      objects: [],
    });
  });

  it.each([
    [undefined, "list is not an object"],
    [{ metadata: {} }, "metadata.resourceVersion is not filled"],
    [{ metadata: { resourceVersion: "1" }, items: {} }, "items is not an array"],
    [{ metadata: { resourceVersion: "1" }, items: [{}] }, "items[0] is not an object with a name"],
  ])("refuses %j", (body, message) => {
    expect(() => decodeListPage(body)).toThrow(message);
  });
});

describe("keyOf", () => {
  it("has the namespace where there is one", () => {
    expect(keyOf(service)).toBe("shop/web");
    expect(keyOf({ metadata: { name: "n1", resourceVersion: "1" } })).toBe("n1");
  });
});
