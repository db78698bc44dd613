import { expect, it } from "vitest";
import { renderTable } from "./table.ts";

it("aligns names to the left and figures to the right", () => {
  const table = {
    title: "Round trip",
    columns: ["responder", "p50"],
    rows: [
      ["kernel", "7.5"],
      ["ours", "1234.5"],
    ],
  };
  expect(renderTable(table)).toBe(
    [
      "Round trip",
      "",
      "| responder |    p50 |",
      "|-----------|-------:|",
      "| kernel    |    7.5 |",
      "| ours      | 1234.5 |",
    ].join("\n"),
  );
});
