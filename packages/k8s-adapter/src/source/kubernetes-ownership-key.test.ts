import { expect, it } from "vitest";
import { keyRequest } from "./kubernetes-ownership-key.ts";

const keys = { current: "QQ==", next: "", previous: "WQ==", rotationAsked: false };

it("makes the speakers' key where there is none", () => {
  expect(keyRequest("lb", { ...keys, previous: "", resourceVersion: undefined })).toMatchObject({
    method: "POST",
    path: "/api/v1/namespaces/lb/secrets",
    body: {
      metadata: { namespace: "lb", name: "ingot-ownership-key" },
      type: "ingot.dev/ownership-key",
      data: { current: "QQ==" },
    },
  });
});

it("changes it as it was seen, and takes away what is no longer in it", () => {
  expect(keyRequest("lb", { ...keys, resourceVersion: "7" })).toEqual({
    method: "PATCH",
    path: "/api/v1/namespaces/lb/secrets/ingot-ownership-key",
    body: {
      metadata: { resourceVersion: "7", annotations: { "ingot.dev/rotate-key": null } },
      data: { current: "QQ==", next: null, previous: "WQ==" },
    },
  });
});
