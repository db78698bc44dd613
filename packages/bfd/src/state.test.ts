import { describe, expect, it } from "vitest";
import { BFD_STATES, type DownReason, isFailure, stateAfter } from "./state.ts";

describe("state table (RFC 5880 section 6.8.6)", () => {
  it.each([
    //            AdminDown,   Down,        Init,        Up
    ["adminDown", "adminDown", "adminDown", "adminDown", "adminDown"],
    ["down", "down", "init", "up", "down"],
    ["init", "down", "init", "up", "up"],
    ["up", "down", "down", "up", "up"],
  ] as const)("when %s", (own, ...after) => {
    expect(BFD_STATES.map((received) => stateAfter(own, received))).toEqual(after);
  });

  it("takes only what nobody wanted for a failure", () => {
    const failures: Record<DownReason, boolean> = {
      detectionTimeExpired: true,
      echoFailed: true,
      neighborDown: true,
      neighborAdminDown: false,
      adminDown: false,
    };
    for (const [reason, expected] of Object.entries(failures)) {
      expect(isFailure(reason as DownReason)).toBe(expected);
    }
  });
});
