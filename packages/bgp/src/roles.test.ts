import { describe, expect, it } from "vitest";
import {
  arrivedOnlyToCustomer,
  isCounterpart,
  isLeak,
  leavingOnlyToCustomer,
  mayLeave,
  Role,
} from "./roles.ts";

const OURS = 65_001;
const THEIRS = 65_002;
const OTHER = 65_003;
const { provider, routeServer, routeServerClient, customer, peer } = Role;

describe("RFC 9234 section 5", () => {
  // our role, and what becomes of a route without the mark, with the peer's, and with another's
  it.each<[string, number | undefined, string[], string[]]>([
    ["none", undefined, ["", "65002", "65003"], ["", "65002", "65003"]],
    ["provider", provider, ["65001", "65002", "65003"], ["", "leak", "leak"]],
    ["route server", routeServer, ["65001", "65002", "65003"], ["", "leak", "leak"]],
    [
      "route server's client",
      routeServerClient,
      ["", "stays", "stays"],
      ["65002", "65002", "65003"],
    ],
    ["customer", customer, ["", "stays", "stays"], ["65002", "65002", "65003"]],
    ["peer", peer, ["65001", "stays", "stays"], ["65002", "65002", "leak"]],
  ])("as a %s", (_, role, leaving, arriving) => {
    const marks = [undefined, THEIRS, OTHER];
    expect(
      marks.map((mark) =>
        mayLeave(role, mark) ? String(leavingOnlyToCustomer(role, mark, OURS) ?? "") : "stays",
      ),
    ).toEqual(leaving);
    expect(
      marks.map((mark) =>
        isLeak(role, mark, THEIRS)
          ? "leak"
          : String(arrivedOnlyToCustomer(role, mark, THEIRS) ?? ""),
      ),
    ).toEqual(arriving);
  });

  it("section 4.2: has a counterpart for each role", () => {
    const roles = Object.values(Role);
    const pairs = roles.flatMap((a) => roles.filter((b) => isCounterpart(a, b)).map((b) => [a, b]));
    expect(pairs).toEqual([
      [provider, customer],
      [routeServer, routeServerClient],
      [routeServerClient, routeServer],
      [customer, provider],
      [peer, peer],
    ]);
  });
});
