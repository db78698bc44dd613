import { describe, expect, it } from "vitest";
import { speakerRecord } from "../testing/records.ts";
import { KnownSpeakers } from "./known-speakers.ts";

const eth0 = [{ name: "eth0", subnets: ["10.0.0.0/24"] }];
const eth1 = [{ name: "eth1", subnets: [] }];

describe("known speakers", () => {
  it("are this node and all that ever told their interfaces and did not take leave", () => {
    const known = new KnownSpeakers("n1");
    expect(known.setOwn(eth0)).toBe(true);
    expect(known.setOwn(eth0)).toBe(false);
    expect(known.sign(speakerRecord("n2", { interfaces: eth0 }))).toBe(true);
    expect(known.sign(speakerRecord("n2", { interfaces: eth0, renewal: "later" }))).toBe(false);
    expect(known.sign(speakerRecord("n2", { interfaces: eth1 }))).toBe(true);
    expect(known.interfaces).toEqual(
      new Map([
        ["n1", eth0],
        ["n2", eth1],
      ]),
    );
    expect(known.sign(speakerRecord("n2", { held: false }))).toBe(true);
    expect(known.sign(speakerRecord("n2", { held: false }))).toBe(false);
    expect([...known.interfaces.keys()]).toEqual(["n1"]);
  });

  it("are no longer whose Lease is deleted, but this one always", () => {
    const known = new KnownSpeakers("n1");
    const [mine, theirs] = [speakerRecord("n1", { held: false }), speakerRecord("n2")];
    expect(known.sign(mine)).toBe(false);
    known.sign(theirs);
    expect(known.forget(mine.key)).toBe(false);
    expect(known.forget(theirs.key)).toBe(true);
    expect(known.forget(theirs.key)).toBe(false);
    expect([...known.interfaces.keys()]).toEqual(["n1"]);
  });
});
