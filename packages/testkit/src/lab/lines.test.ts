import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./lines.ts";

describe("line splitter", () => {
  it("gives the same lines however the octets are cut", () => {
    const text = fc.array(fc.constantFrom("a", "é", "𝄞", "\n"), { maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 })), (characters, cuts) => {
        const bytes = Buffer.from(characters.join(""));
        const lines: string[] = [];
        const splitter = new LineSplitter((line) => lines.push(line));
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          splitter.push(bytes.subarray(from, from + cut));
          from += cut;
        }
        splitter.end();
        const expected = characters.join("").split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(lines).toEqual(expected);
      }),
    );
  });
});
