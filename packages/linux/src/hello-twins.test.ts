import { describe, expect, it } from "vitest";
import { HelloTwins } from "./hello-twins.ts";

describe("twins of hellos", () => {
  const hello = (n: number) => Uint8Array.of(n >> 8, n & 0xff, 0xff);

  it("are found whichever family was first", () => {
    const twins = new HelloTwins();
    expect(twins.isTwin(hello(1), 4)).toBe(false);
    expect(twins.isTwin(hello(2), 6)).toBe(false);
    expect(twins.isTwin(hello(1), 6)).toBe(true);
    expect(twins.isTwin(hello(2), 4)).toBe(true);
  });

  it("are not what comes again over the same family", () => {
    const twins = new HelloTwins();
    for (let i = 0; i < 3; i++) expect(twins.isTwin(hello(1), 4)).toBe(false);
    expect(twins.isTwin(hello(1), 6)).toBe(true);
    expect(twins.isTwin(hello(1), 6)).toBe(false);
  });

  it("are looked for by their octets, wherever in a buffer they are", () => {
    const twins = new HelloTwins();
    expect(twins.isTwin(Uint8Array.of(9, 1, 2, 9).subarray(1, 3), 4)).toBe(false);
    expect(twins.isTwin(Uint8Array.of(1, 2), 6)).toBe(true);
    expect(twins.isTwin(Uint8Array.of(1, 2, 0), 6)).toBe(false);
  });

  it("are forgotten when 256 others came since", () => {
    const twins = new HelloTwins();
    for (let n = 0; n < 257; n++) twins.isTwin(hello(n), 4);
    expect(twins.isTwin(hello(0), 6)).toBe(false);
    expect(twins.isTwin(hello(2), 6)).toBe(true);
  });
});
