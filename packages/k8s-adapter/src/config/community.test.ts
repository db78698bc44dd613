import { describe, expect, it } from "vitest";
import { communityValue } from "./community-value.ts";
import { project } from "./project.ts";

describe("a community's text", () => {
  it("is two numbers of 16 bits", () => {
    expect(communityValue("65535:65281")).toEqual({ type: "standard", value: 0xffff_ff01 });
    expect(communityValue("0:0")).toEqual({ type: "standard", value: 0 });
  });

  it("is large with three numbers of 32 bits", () => {
    expect(communityValue("large:4294967295:0:7")).toEqual({
      type: "large",
      value: { globalAdministrator: 4_294_967_295, localData1: 0, localData2: 7 },
    });
  });

  it.each([
    "",
    "1",
    "65536:1",
    "1:65536",
    "1:2:3",
    "large:1:2",
    "large:1:2:4294967296",
    "a:b",
    "1:-1",
  ])("is not %j", (text) => {
    expect(communityValue(text)).toBeUndefined();
  });
});

describe("Community", () => {
  const community = (communities: readonly object[]) =>
    project("community", {
      metadata: { name: "c", namespace: "metallb-system" },
      spec: { communities },
    });

  it("gives names to values", () => {
    expect(community([{ name: "vpn", value: "64512:7" }])).toMatchObject({
      record: { aliases: [{ name: "vpn", value: "64512:7" }] },
    });
  });

  it("refuses a value that is none, and a name that is there twice", () => {
    expect(community([{ name: "vpn", value: "70000:7" }])).toMatchObject({
      error: { field: "spec.communities[0].value", message: expect.stringContaining("70000:7") },
    });
    const twice = [
      { name: "vpn", value: "1:1" },
      { name: "vpn", value: "1:2" },
    ];
    expect(community(twice)).toMatchObject({
      error: {
        field: "spec.communities[1].name",
        message: 'must not repeat a name, got "vpn" twice',
      },
    });
  });
});
