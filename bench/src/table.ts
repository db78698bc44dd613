/** Rows of text below a title. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** As many cells in each as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

/** The table in Markdown, its columns aligned: the first to the left, the others to the right. */
export function renderTable({ title, columns, rows }: Table): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join(" | ")} |`;
  const rule = widths.map((width, i) => "-".repeat(width + 1) + (i === 0 ? "-" : ":"));
  return [title, "", line(columns), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
