/** The campaign's figures as a Markdown table. */

/** Counts of one format. */
export interface Row {
  inputs: number;
  /** Read in spite of what was done to it. */
  read: number;
  /** Refused in words. */
  refused: number;
  /** Ended in a stack trace. */
  bug: number;
  hang: number;
  /** Ended the process. */
  death: number;
  /** The most memory of the process until then, in bytes. */
  peak: number;
}

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

/** A line a format, and one for all. */
export function table(rows: ReadonlyMap<string, Row>): string {
  const all: Row = { inputs: 0, read: 0, refused: 0, bug: 0, hang: 0, death: 0, peak: 0 };
  const cells = (name: string, row: Row) => [
    ...[name, row.inputs, row.read, row.refused, row.bug, row.hang, row.death],
    Math.round(row.peak / 1e6),
  ];
  for (const row of rows.values()) {
    for (const key of ["inputs", "read", "refused", "bug", "hang", "death"] as const) all[key] += row[key];
    all.peak = Math.max(all.peak, row.peak);
  }
  return [
    line(["Format", "Inputs", "Read", "Refused in words", "Stack traces", "Hangs", "Deaths", "Peak, MB"]),
    line(["---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"]),
    ...[...rows].map(([name, row]) => line(cells(name, row))),
    line(cells("all", all)),
  ].join("\n");
}
