import { describe, expect, it } from "vitest";
import { OctetWriter, read16, read32 } from "./octets.ts";
import { hex } from "./testing/octets.ts";

describe("octets", () => {
  it("are read big-endian, and as zeros beyond the end", () => {
    expect(read16(hex("0102"), 0)).toBe(0x0102);
    expect(read16(hex("0102"), 1)).toBe(0x0200);
    expect(read32(hex("fffefdfc"), 0)).toBe(0xfffe_fdfc);
    expect(read32(hex(""), 0)).toBe(0);
  });

  it("are written however many there are", () => {
    const writer = new OctetWriter();
    writer.put8("a", 0xff);
    writer.put16("b", 0xfffe);
    writer.put32("c", 0xffff_fffd);
    for (let i = 0; i < 100; i++) writer.putOctets(hex("0102"));
    expect(writer.length).toBe(207);
    expect(writer.toOctets()).toEqual(hex(`ff fffe fffffffd ${"0102".repeat(100)}`));
  });

  it.each([-1, 256, 1.5, Number.NaN])("refuses %d as an octet, naming the field", (value) => {
    const message = `flags must be a whole number from 0 to 255, got ${value}`;
    expect(() => new OctetWriter().put8("flags", value)).toThrow(new RangeError(message));
  });
});
