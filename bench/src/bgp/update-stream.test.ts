import { Framer, UpdateView, validateUpdate } from "@ingot/bgp";
import { expect, it } from "vitest";
import { updateStream } from "./update-stream.ts";

const CONTEXT = {
  internal: false,
  fourOctetAs: true,
  families: [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ],
  extendedNextHop: [],
  addPath: [],
};

it("is the same for the same seed, and another for another", () => {
  const [one, same, other] = [updateStream(1, 50), updateStream(1, 50), updateStream(2, 50)];
  expect(same).toEqual(one);
  expect(other.octets).not.toEqual(one.octets);
});

it("holds what it says, all of it sound", () => {
  const { octets, ...contents } = updateStream(7, 3_000);
  const framer = new Framer();
  framer.push(octets);
  const found = { messages: 0, announced: 0, withdrawn: 0, attributes: 0 };
  for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
    if ("fault" in frame) throw new Error("the stream is torn");
    found.messages += 1;
    if (frame.type !== 2) continue;
    const view = new UpdateView(frame.body, CONTEXT);
    expect(validateUpdate(view, CONTEXT)).toEqual({ action: "accept", findings: [] });
    found.announced += view.announced.count() + (view.mpReach?.nlri.count() ?? 0);
    found.withdrawn += view.withdrawn.count() + (view.mpUnreach?.count() ?? 0);
    found.attributes += view.attributes.length;
  }
  expect(found).toEqual(contents);
  expect(found.announced).toBeGreaterThan(3_000);
  expect(found.withdrawn).toBeGreaterThan(300);
});
