import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import type { FoundStatus } from "../config/service-status.ts";
import { BelievedStatuses } from "./believed-statuses.ts";

const web = "default/web";
const found = (places: readonly string[]): FoundStatus => ({
  name: "l2-a",
  service: web,
  places,
  owner: "",
});

function believe() {
  const clock = new VirtualClock();
  const doubted: string[] = [];
  const believed = new BelievedStatuses(clock, (service) => doubted.push(service));
  const places = () => believed.of(web).map((each) => each.places);
  return { clock, doubted, believed, places };
}

describe("what is believed of status objects", () => {
  it("is what the watch tells", () => {
    const { believed, places, doubted } = believe();
    believed.see("l2-a", found(["eth0"]));
    expect(places()).toEqual([["eth0"]]);
    believed.see("l2-a", undefined);
    expect(places()).toEqual([]);
    expect(believed.isEmpty).toBe(true);
    expect(doubted).toEqual([web, web]);
  });

  it("is what was written while the watch may be behind it", () => {
    const { believed, places, doubted, clock } = believe();
    believed.wrote("l2-a", web, found([]));
    believed.wrote("l2-a", web, found(["eth0"]));
    believed.see("l2-a", found([]));
    expect([places(), doubted]).toEqual([[["eth0"]], []]);
    believed.see("l2-a", found(["eth0"]));
    clock.advance(5_000);
    expect([places(), doubted]).toEqual([[["eth0"]], [web]]);
  });

  it("is what the watch tells in the end, when somebody else wrote as well", () => {
    const { believed, places, doubted, clock } = believe();
    believed.wrote("l2-a", web, found(["eth0"]));
    believed.see("l2-a", found(["eth0"]));
    believed.see("l2-a", undefined);
    expect(places()).toEqual([["eth0"]]);
    clock.advance(5_000);
    expect([places(), doubted]).toEqual([[], [web]]);
  });

  it("is nothing after a removal, though the watch still has it", () => {
    const { believed, places, clock } = believe();
    believed.see("l2-a", found([]));
    believed.wrote("l2-a", web, undefined);
    expect(places()).toEqual([]);
    believed.see("l2-a", undefined);
    clock.advance(5_000);
    expect(believed.isEmpty).toBe(true);
  });
});
