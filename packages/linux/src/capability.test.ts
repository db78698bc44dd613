import { describe, expect, it } from "vitest";
import { MissingCapabilityError, withCapability } from "./capability.ts";
import { SystemCallError } from "./libc.ts";

const EPERM = 1;
const EMFILE = 24;

function refuse(errno: number): () => never {
  return () => {
    throw new SystemCallError("socket", errno);
  };
}

describe("a call that needs a capability", () => {
  it("returns what it returns", () => {
    expect(withCapability("CAP_NET_RAW", "a test", () => 7)).toBe(7);
  });

  it("names the capability and the purpose when it is refused, and keeps the cause", () => {
    const call = () => withCapability("CAP_NET_RAW", "an ARP socket on eth0", refuse(EPERM));
    expect(call).toThrow(MissingCapabilityError);
    expect(call).toThrow(/^an ARP socket on eth0 needs CAP_NET_RAW, which this process /);
    expect(call).toThrow(
      expect.objectContaining({
        capability: "CAP_NET_RAW",
        cause: expect.objectContaining({ code: "EPERM", syscall: "socket" }),
      }),
    );
  });

  it("lets every other failure be what it is", () => {
    expect(() => withCapability("CAP_NET_RAW", "a test", refuse(EMFILE))).toThrow(
      new SystemCallError("socket", EMFILE),
    );
    expect(() => withCapability("CAP_NET_RAW", "a test", refuse(EMFILE))).toThrow(
      "socket failed: EMFILE (too many open files)",
    );
  });
});
