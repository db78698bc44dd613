import { describe, expect, it } from "vitest";
import { PortBits } from "./port-bits.ts";

describe("port bits", () => {
  it("gives each port a bit of its own while somebody uses it", () => {
    const bits = new PortBits();
    const web = bits.take(["TCP/80", "TCP/443"]);
    const dns = bits.take(["TCP/53", "UDP/53"]);
    expect(web & dns).toBe(0n);
    expect(bits.of(["TCP/80", "TCP/443"])).toBe(web);
    expect(bits.of(["TCP/443", "UDP/53", "UDP/443"])).toBe(
      (web | dns) & bits.of(["UDP/53", "TCP/443"]),
    );
    expect(bits.take(["TCP/80"])).toBe(bits.of(["TCP/80"]));
    expect(bits.give(["TCP/80", "TCP/443"])).toBe(web);
    expect(bits.of(["TCP/443"])).toBe(0n);
    expect(bits.of(["TCP/80"])).not.toBe(0n);
  });

  it("uses few bits however many ports come and go", () => {
    const bits = new PortBits();
    for (let port = 0; port < 1_000; port++) {
      bits.take([`TCP/${port}`, `UDP/${port}`]);
      expect(bits.of([`TCP/${port}`, `UDP/${port}`])).toBeLessThan(1n << 4n);
      if (port > 0) bits.give([`TCP/${port - 1}`, `UDP/${port - 1}`]);
    }
  });
});
