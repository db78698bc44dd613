import { expect, it } from "vitest";
import { unknownFields } from "./unknown-fields.ts";

const metadata = { name: "p", anything: "goes" };

it("names the fields that a kind does not have, however deep", () => {
  const spec = {
    addresses: ["192.0.2.0/24"],
    autoasign: false,
    serviceAllocation: {
      serviceSelectors: [{}, { matchLabels: { any: "label" }, matchLabel: {} }],
    },
  };
  expect(unknownFields("pool", { apiVersion: "a", kind: "k", metadata, spec, speck: 1 })).toEqual([
    "spec.autoasign",
    "spec.serviceAllocation.serviceSelectors[1].matchLabel",
    "speck",
  ]);
});

it("finds none where there is none, or where the kind is not ours", () => {
  const spec = { ipAddressPools: ["a"], nodeSelectors: [{ matchExpressions: [] }] };
  expect(unknownFields("l2Advertisement", { metadata, spec, status: {} })).toEqual([]);
  expect(unknownFields("pool", { spec: { addresses: null } })).toEqual([]);
  expect(unknownFields("service", { spec: { unheardOf: true } })).toEqual([]);
});
