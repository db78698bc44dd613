import { describe, expect, it } from "vitest";
import { ownershipKeySecret, secretsOf } from "./ownership-key.ts";
import { project } from "./project.ts";

const [a, b] = [1, 2].map((octet) => Buffer.alloc(32, octet).toString("base64"));
const keys = { current: a ?? "", next: b ?? "", previous: "", rotationAsked: true };

describe("the Secret ingot-ownership-key", () => {
  it("is read back as it was written", () => {
    const secret = ownershipKeySecret("metallb-system", keys);
    expect(secret).toMatchObject({
      type: "ingot.dev/ownership-key",
      data: { current: a, next: b },
    });
    expect(project("ownershipKey", secret)).toMatchObject({
      ok: true,
      record: { ...keys, key: "metallb-system/ingot-ownership-key" },
    });
  });

  it("gives its secrets as octets, the one that seals first", () => {
    expect(secretsOf({ ...keys, previous: a ?? "" })).toEqual([
      new Uint8Array(32).fill(1),
      new Uint8Array(32).fill(2),
      new Uint8Array(32).fill(1),
    ]);
  });

  it.each([
    [{}, "data.current", "is required"],
    [{ current: "c2hvcnQ=" }, "data.current", "must be at least 16 octets in base64"],
    [{ current: a, next: "c2hvcnQ=" }, "data.next", "must be at least 16 octets in base64"],
  ])("refuses %j without showing what it holds", (data, field, message) => {
    const secret = { ...ownershipKeySecret("metallb-system", keys), data };
    expect(project("ownershipKey", secret)).toMatchObject({ error: { field, message } });
  });

  it("is no other Secret", () => {
    const metadata = { namespace: "metallb-system", name: "router" };
    expect(project("ownershipKey", { metadata, data: { current: a } })).toBeUndefined();
  });
});
