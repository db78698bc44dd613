import { describe, expect, it } from "vitest";
import { SystemCallError } from "./libc.ts";
import { blame, reasonOf } from "./reason.ts";

const EPERM = 1;
const ENODEV = 19;
const EINVAL = 22;

describe("reason", () => {
  it.each([
    [new SystemCallError("bind", EPERM), "not permitted"],
    [new SystemCallError("bind", EINVAL), "bind failed: EINVAL (invalid argument)"],
    [
      Object.assign(new Error("connect ECONNREFUSED 1.2.3.4:5"), { code: "ECONNREFUSED" }),
      "connection refused",
    ],
    [new Error("no code"), "no code"],
    ["not an error", "not an error"],
  ])("of %s is short", (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });

  it("begins with the option at fault, and has a cause", () => {
    const call = () =>
      blame("device eth7", () => {
        throw new SystemCallError("setsockopt(SO_BINDTODEVICE)", ENODEV);
      });
    expect(call).toThrow("device eth7: no such interface");
    expect(call).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: "ENODEV" }) }),
    );
    expect(blame("device eth0", () => 7)).toBe(7);
  });
});
