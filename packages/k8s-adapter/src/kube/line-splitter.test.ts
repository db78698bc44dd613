import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

/** The octets of the text, cut at the given places. */
function chunks(text: string, cuts: readonly number[]): readonly Uint8Array[] {
  const octets = new TextEncoder().encode(text);
  const places = [0, ...cuts.map((cut) => cut % (octets.length + 1)), octets.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, index) => octets.slice(places[index], end));
}

describe("line splitter", () => {
  it("finds the same lines wherever the chunks end, also within a character", () => {
    const line = fc.string({ unit: "binary" }).filter((text) => !text.includes("\n"));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
        const splitter = new LineSplitter();
        const text = lines.map((one) => `${one}\n`).join("");
        const wanted = new TextDecoder("utf8", { ignoreBOM: true }).decode(
          new TextEncoder().encode(text),
        );
        expect(chunks(text, cuts).flatMap((chunk) => splitter.push(chunk))).toEqual(
          wanted.split("\n").filter((one) => one.trim() !== ""),
        );
      }),
    );
  });

  it("keeps a copy of what has no end yet, as chunks are only lent", () => {
    const splitter = new LineSplitter();
    const chunk = new TextEncoder().encode("é1");
    expect(splitter.push(chunk)).toEqual([]);
    chunk.fill(0x58);
    expect(splitter.push(new TextEncoder().encode("2\n"))).toEqual(["é12"]);
  });

  it("refuses a line that does not end", () => {
    const splitter = new LineSplitter(10);
    splitter.push(new Uint8Array(6).fill(0x61));
    expect(() => splitter.push(new Uint8Array(6).fill(0x61))).toThrow(
      expect.objectContaining({
        reason: "Malformed",
        message: "the API server sent something unexpected: a line of more than 10 octets",
      }),
    );
  });
});
