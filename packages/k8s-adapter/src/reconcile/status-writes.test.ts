import { describe, expect, it } from "vitest";
import type { FoundStatus } from "../config/service-status.ts";
import { statusWrites } from "./status-writes.ts";

const found = (name: string, changes: Partial<FoundStatus> = {}): FoundStatus => ({
  name,
  service: "default/web",
  places: ["eth0"],
  owner: "pod",
  ...changes,
});
const wanted = { name: "l2-a", places: ["eth0"], owner: "pod", isNews: false };
const news = { ...wanted, isNews: true };
const nothing = { ...wanted, places: undefined };

describe("what is written of a status object", () => {
  it.each([
    ["it is as it should be", wanted, [found("l2-a")], []],
    ["there is none and is to be none", nothing, [], []],
    ["there is none", wanted, [], ["create l2-a", "tell l2-a eth0"]],
    ["it says nothing yet", wanted, [found("l2-a", { places: undefined })], ["tell l2-a eth0"]],
    ["it says something else", wanted, [found("l2-a", { places: [] })], ["tell l2-a eth0"]],
    ["it is to say: everywhere", { ...wanted, places: [] }, [found("l2-a")], ["tell l2-a "]],
    ["it is to go", nothing, [found("l2-a"), found("l2-b")], ["remove l2-a", "remove l2-b"]],
    ["another program left one", wanted, [found("l2-xyz", { owner: "old" })], ["own l2-xyz"]],
    ["several are left", wanted, [found("l2-x"), found("l2-a")], ["remove l2-x"]],
    [
      "it was said before, and begins anew",
      news,
      [found("l2-a"), found("l2-x")],
      ["remove l2-a", "remove l2-x", "create l2-a", "tell l2-a eth0"],
    ],
    [
      "it begins, and says nothing yet",
      news,
      [found("l2-a", { places: undefined })],
      ["tell l2-a eth0"],
    ],
    ["it is owned, and needs no owner", { ...wanted, owner: "" }, [found("l2-a")], []],
  ])("when %s", (_, want, present, writes) => {
    const text = statusWrites(want, present).map((write) =>
      [write.type, write.name, ...("places" in write ? [write.places.join()] : [])].join(" "),
    );
    expect(text).toEqual(writes);
  });
});
