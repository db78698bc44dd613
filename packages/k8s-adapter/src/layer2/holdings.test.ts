import type { Fact } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import { Holdings } from "./holdings.ts";

const claimed = (address: string): Fact => ({
  kind: "claimed",
  address,
  cause: "unclaimed",
  from: undefined,
});
const stopped = (address: string): Fact => ({
  kind: "stopped",
  address,
  cause: "outranked",
  to: "n2",
});
const quiet = { answering: [], silenced: [], facts: [], at: 0 };

describe("holdings", () => {
  it("are what is answered for, by Service, whichever came first", () => {
    const holdings = new Holdings();
    holdings.setService("a", ["10.0.0.1", "fd77::1"]);
    const keys = holdings.hear({ ...quiet, answering: ["10.0.0.1"], facts: [claimed("10.0.0.1")] });
    expect([...keys]).toEqual(["a"]);
    holdings.setService("b", ["10.0.0.1"]);
    expect(holdings.answeredOf("a")).toEqual(["10.0.0.1"]);
    expect(holdings.answeredOf("b")).toEqual(["10.0.0.1"]);
    expect(holdings.servicesOf("10.0.0.1")).toEqual(["a", "b"]);
    holdings.setService("a", []);
    expect(holdings.answeredOf("a")).toEqual([]);
    expect(holdings.servicesOf("fd77::1")).toEqual([]);
  });

  it("stay claimed while an address is left to another host, and until they are given away", () => {
    const holdings = new Holdings();
    holdings.setService("a", ["10.0.0.1"]);
    holdings.hear({ ...quiet, answering: ["10.0.0.1"], facts: [claimed("10.0.0.1")] });
    holdings.hear({ ...quiet, silenced: ["10.0.0.1"] });
    expect(holdings.answeredOf("a")).toEqual([]);
    expect([...holdings.claimed]).toEqual(["10.0.0.1"]);
    holdings.hear({ ...quiet, facts: [stopped("10.0.0.1")] });
    expect([...holdings.claimed]).toEqual([]);
  });

  it("are lost all at once", () => {
    const holdings = new Holdings();
    holdings.setService("a", ["10.0.0.1"]);
    holdings.setService("b", ["10.0.0.2"]);
    holdings.hear({ ...quiet, answering: ["10.0.0.1"], facts: [claimed("10.0.0.1")] });
    expect([...holdings.lose()]).toEqual(["a"]);
    expect([...holdings.claimed]).toEqual([]);
    expect(holdings.answeredOf("a")).toEqual([]);
  });
});
