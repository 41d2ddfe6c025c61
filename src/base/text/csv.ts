/** Tables as CSV (RFC 4180): fields with commas, quotes or line breaks are quoted. */

/** Numbers are written as JavaScript writes them; an absent value is an empty cell. */
export type Cell = string | number | null | undefined;

/** A row with its line break. */
export const csvRow = (cells: readonly Cell[], lineBreak = "\n"): string =>
  `${cells.map(csvCell).join(",")}${lineBreak}`;

/** A whole table for spreadsheets, with the line breaks of RFC 4180. */
export const csvText = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((cells) => csvRow(cells, "\r\n")).join("");

function csvCell(value: Cell): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
