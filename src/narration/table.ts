/** Plain tables for the terminal: columns as wide as their widest cell, the last one free. */

/** Rows of cells as aligned lines, each indented by `indent` spaces. */
export function textTable(rows: readonly (readonly string[])[], indent = 2): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows
    .map(
      (row) =>
        " ".repeat(indent) +
        row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell)).join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}
